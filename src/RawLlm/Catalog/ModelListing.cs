using System.Text.Json;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Reads model lists in the formats that services send, page by page.</summary>
internal static class ModelListing
{
    // data: most services; models: Gemini, Ollama; modelSummaries: Bedrock; result: Cloudflare.
    private static readonly string[] Names = ["data", "models", "modelSummaries", "result"];

    /// <summary>Adds the models of one page.</summary>
    /// <param name="body">The page.</param>
    /// <param name="limits">The maximum nesting depth.</param>
    /// <param name="models">Receives the models.</param>
    /// <param name="next">The query string of the next page, already encoded; null if this page is the last.</param>
    /// <returns>False if the body is not a model list.</returns>
    /// <exception cref="LlmException">The body is nested too deeply.</exception>
    public static bool TryRead(ReadOnlySpan<byte> body, LlmLimits limits, List<ModelInfo> models, out string? next)
    {
        next = null;
        try
        {
            using var document = Parse(body, limits);
            var root = document.RootElement;
            var list = root;
            if (root.ValueKind == JsonValueKind.Object)
            {
                foreach (string name in Names)
                {
                    if (root.TryGetProperty(name, out list) && list.ValueKind == JsonValueKind.Array)
                        break;
                }
                next = Next(root);
            }
            if (list.ValueKind != JsonValueKind.Array)
                return false;
            foreach (var entry in list.EnumerateArray())
            {
                if (ModelReader.Read(entry, id: null) is { } model)
                    models.Add(model);
            }
            return true;
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            if (WireJson.IsTooDeep(e))
                throw WireJson.Malformed(e, "The list of models");
            return false;
        }
    }

    /// <summary>Reads a model list of one page; null if the body is not a model list.</summary>
    public static IReadOnlyList<ModelInfo>? Read(ReadOnlySpan<byte> body)
    {
        var models = new List<ModelInfo>();
        return TryRead(body, LlmLimits.Default, models, out _) ? models : null;
    }

    /// <summary>Reads the description of a single model; null if the body is not one.</summary>
    /// <param name="body">The description.</param>
    /// <param name="id">The requested name, used if the description has none.</param>
    /// <param name="limits">The maximum nesting depth.</param>
    /// <exception cref="LlmException">The body is nested too deeply.</exception>
    public static ModelInfo? ReadOne(ReadOnlySpan<byte> body, string id, LlmLimits limits)
    {
        try
        {
            using var document = Parse(body, limits);
            var root = document.RootElement;
            // A description without a name gets the requested one. An error must not.
            if (
                root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("error", out var error)
                && error.ValueKind is JsonValueKind.Object or JsonValueKind.String
            )
            {
                return null;
            }

            return ModelReader.Read(root, id);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            if (WireJson.IsTooDeep(e))
                throw WireJson.Malformed(e, "The description of the model");
            return null;
        }
    }

    // Some servers send a byte order mark first.
    private static JsonDocument Parse(ReadOnlySpan<byte> body, LlmLimits limits) =>
        JsonDocument.Parse(
            (body.StartsWith("\uFEFF"u8) ? body[3..] : body).ToArray(),
            new JsonDocumentOptions { MaxDepth = limits.JsonDepth }
        );

    private static string? Next(JsonElement root)
    {
        // Gemini.
        if (ModelReader.Text(root, "nextPageToken") is { Length: > 0 } token)
            return "pageToken=" + Uri.EscapeDataString(token);
        // AWS.
        if (ModelReader.Text(root, "nextToken") is { Length: > 0 } nextToken)
            return "nextToken=" + Uri.EscapeDataString(nextToken);
        // Anthropic, and services that follow its format.
        if (
            root.TryGetProperty("has_more", out var more)
            && more.ValueKind == JsonValueKind.True
            && ModelReader.Text(root, "last_id") is { Length: > 0 } last
        )
        {
            return "after_id=" + Uri.EscapeDataString(last);
        }
        // Cloudflare.
        if (
            root.TryGetProperty("result_info", out var info)
            && ModelReader.Number(info, "page") is { } page
            && ModelReader.Number(info, "per_page") is { } size
            && ModelReader.Number(info, "total_count") is { } total
            && size > 0
            && page > 0
            && page < long.MaxValue / size
            && page * size < total
        )
        {
            return FormattableString.Invariant($"page={page + 1}");
        }
        return null;
    }
}
