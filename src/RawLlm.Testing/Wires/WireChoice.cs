using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Determines the wire of a request.</summary>
internal static class WireChoice
{
    /// <summary>Returns the wire; null if the request does not ask for a model's answer.</summary>
    /// <param name="path">The requested path.</param>
    /// <param name="host">The host that the client addressed.</param>
    public static ServedWire? Of(string path, string host)
    {
        string address = Address(path);
        return address switch
        {
            _ when address.EndsWith("/chat/completions", StringComparison.Ordinal) => new ServedChatCompletions(
                hasDetails: host is "openrouter.ai"
            ),
            _ when address.EndsWith("/responses", StringComparison.Ordinal) => new ServedResponses(),
            _ when address.EndsWith("/messages", StringComparison.Ordinal) || IsClaudeOnVertex(address) => new ServedAnthropic(),
            _ when address.EndsWith(":generateContent", StringComparison.Ordinal)
                    || address.EndsWith(":streamGenerateContent", StringComparison.Ordinal) => new ServedGemini(),
            _ when address.EndsWith("/api/chat", StringComparison.Ordinal) => new ServedOllama(),
            _ when address.EndsWith("/converse", StringComparison.Ordinal)
                    || address.EndsWith("/converse-stream", StringComparison.Ordinal) => new ServedConverse(),
            _ when address.EndsWith("/invoke", StringComparison.Ordinal)
                    || address.EndsWith("/invoke-with-response-stream", StringComparison.Ordinal) => new ServedBedrockInvoke(),
            _ => null,
        };
    }

    /// <summary>Returns the wire that refuses a request for embeddings or models; null for any other request.</summary>
    public static ServedWire? OfRefusal(string path)
    {
        string address = Address(path);
        return address switch
        {
            _ when address.EndsWith(":batchEmbedContents", StringComparison.Ordinal)
                    || address.EndsWith("/v1beta/models", StringComparison.Ordinal) => new ServedGemini(),
            _ when address.EndsWith("/api/embed", StringComparison.Ordinal) || address.EndsWith("/api/tags", StringComparison.Ordinal) =>
                new ServedOllama(),
            _ when address.EndsWith("/foundation-models", StringComparison.Ordinal) => new ServedConverse(),
            _ when address.EndsWith("/embeddings", StringComparison.Ordinal) || address.EndsWith("/models", StringComparison.Ordinal) =>
                new ServedChatCompletions(),
            _ => null,
        };
    }

    public static bool IsStream(string path, JsonElement body)
    {
        string address = Address(path);
        if (
            address.EndsWith(":streamGenerateContent", StringComparison.Ordinal)
            || address.EndsWith("/converse-stream", StringComparison.Ordinal)
            || address.EndsWith("/invoke-with-response-stream", StringComparison.Ordinal)
        )
        {
            return true;
        }

        bool isOllama = address.EndsWith("/api/chat", StringComparison.Ordinal);
        // Ollama streams by default.
        return ScriptedRequest.Member(body, "stream") is { } stream ? stream.ValueKind == JsonValueKind.True : isOllama;
    }

    public static string? ModelOf(string path, JsonElement body)
    {
        if (ScriptedRequest.Member(body, "model") is { ValueKind: JsonValueKind.String } model)
            return model.GetString();
        // .../models/gemini-3-flash:generateContent, .../model/anthropic.claude/converse, .../deployments/gpt-4o/chat/completions
        string[] segments = Address(path).Split('/');
        for (int i = 1; i < segments.Length; i++)
        {
            if (segments[i - 1] == "models")
                return Uri.UnescapeDataString(segments[i].Split(':')[0]);
            if (segments[i - 1] is "model" or "deployments")
                return Uri.UnescapeDataString(segments[i]);
        }
        return null;
    }

    // .../publishers/anthropic/models/claude-sonnet-4-6:rawPredict; the token count's path names no model and is not served.
    private static bool IsClaudeOnVertex(string address) =>
        address.Contains("/publishers/anthropic/models/", StringComparison.Ordinal)
        && (address.EndsWith(":rawPredict", StringComparison.Ordinal) || address.EndsWith(":streamRawPredict", StringComparison.Ordinal))
        && !address.EndsWith("/count-tokens:rawPredict", StringComparison.Ordinal);

    public static string Address(string path) => path.Split('?')[0];
}
