using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Support;

/// <summary>The request that a protocol wrote.</summary>
internal sealed record WrittenRequest(string Body, string Url, string Accept, IReadOnlyList<Quirk> Quirks)
{
    public static WrittenRequest Of(
        WireProtocol protocol,
        ChatRequest request,
        bool stream = false,
        string baseUrl = "https://llm.example.org/v1/"
    )
    {
        using var wire = new WireRequest { BaseUrl = new Uri(baseUrl) };
        protocol.WriteRequest(request, stream, wire);
        return new(Encoding.UTF8.GetString(wire.Body.Span), wire.Url!.AbsoluteUri, wire.Accept, [.. wire.Quirks]);
    }
}
