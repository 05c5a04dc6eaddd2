using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>Reads lists of models in the shapes that services send.</summary>
internal static class ModelListing
{
    /// <summary>The models; null when the body is no list of models.</summary>
    public static IReadOnlyList<ModelInfo>? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body.ToArray());
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && (root.TryGetProperty("data", out var list) || root.TryGetProperty("models", out list)))
                root = list;
            return root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray().Select(ReadOne).OfType<ModelInfo>()] : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ModelInfo? ReadOne(JsonElement model)
    {
        if (model.ValueKind != JsonValueKind.Object || (Text(model, "id") ?? Text(model, "name") ?? Text(model, "model")) is not { } id)
            return null;
        // Gemini names the collection as well, which its requests do without.
        if (id.StartsWith("models/", StringComparison.Ordinal))
            id = id["models/".Length..];
        return new ModelInfo(id)
        {
            Title = Text(model, "display_name") ?? Text(model, "displayName") ?? Text(model, "name"),
            // The names under which OpenRouter, vLLM, Mistral, Groq, llama.cpp and Gemini say it.
            ContextTokens = Number(model, "context_length") ?? Number(model, "max_model_len") ?? Number(model, "max_context_length") ?? Number(model, "context_window")
                ?? Number(model, "inputTokenLimit") ?? (model.TryGetProperty("meta", out var meta) ? Number(meta, "n_ctx_train") : null),
            MaxOutputTokens = Number(model, "max_completion_tokens") ?? Number(model, "max_output_tokens")
                ?? Number(model, "outputTokenLimit") ?? (model.TryGetProperty("top_provider", out var top) ? Number(top, "max_completion_tokens") : null),
            Owner = Text(model, "owned_by"),
            Json = RawJson.FromChecked(Encoding.UTF8.GetBytes(model.GetRawText())),
        };
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;
}
