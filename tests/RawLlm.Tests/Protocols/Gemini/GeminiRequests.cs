using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Writes requests of the Gemini wire.</summary>
internal static class GeminiRequests
{
    public const string Base = "https://generativelanguage.googleapis.com/v1beta/";

    public static WrittenRequest Write(ChatRequest request, bool stream = false, GeminiProtocol? protocol = null, string baseUrl = Base) =>
        WrittenRequest.Of(protocol ?? new GeminiProtocol(), request with { Model = request.Model ?? "gemini-3-flash" }, stream, baseUrl);
}
