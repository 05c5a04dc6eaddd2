using System.Text.Json;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Reads lists of models in the shapes that services send, page by page.</summary>
internal static class ModelListing
{
    // data: most services; models: Gemini, Ollama; modelSummaries: Bedrock; result: Cloudflare.
    private static readonly string[] Names = ["data", "models", "modelSummaries", "result"];

    /// <summary>Adds the models of one page.</summary>
    /// <param name="body">The page.</param>
    /// <param name="limits">How deep it may be nested.</param>
    /// <param name="models">Takes the models.</param>
    /// <param name="next">What the next page's address has after its question mark, already encoded; null when this page is the last.</param>
    /// <returns>False when the body is no list of models.</returns>
    /// <exception cref="LlmException">It is nested too deep.</exception>
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

    /// <summary>The models of a list of one page; null when the body is no list of models.</summary>
    public static IReadOnlyList<ModelInfo>? Read(ReadOnlySpan<byte> body)
    {
        var models = new List<ModelInfo>();
        return TryRead(body, LlmLimits.Default, models, out _) ? models : null;
    }

    /// <summary>A single model, as it is described on its own.</summary>
    /// <param name="body">The description.</param>
    /// <param name="id">The name that was asked for, where the description holds none.</param>
    /// <param name="limits">How deep it may be nested.</param>
    /// <exception cref="LlmException">It is nested too deep.</exception>
    public static ModelInfo? ReadOne(ReadOnlySpan<byte> body, string id, LlmLimits limits)
    {
        try
        {
            using var document = Parse(body, limits);
            var root = document.RootElement;
            // What has no name of its own takes that of the request, which an error may not.
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String)
                return null;
            return ModelReader.Read(root, id);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            if (WireJson.IsTooDeep(e))
                throw WireJson.Malformed(e, "The description of the model");
            return null;
        }
    }

    // Some servers put a byte order mark before it.
    private static JsonDocument Parse(ReadOnlySpan<byte> body, LlmLimits limits) =>
        JsonDocument.Parse((body.StartsWith("\uFEFF"u8) ? body[3..] : body).ToArray(), new JsonDocumentOptions { MaxDepth = limits.JsonDepth });

    private static string? Next(JsonElement root)
    {
        // Gemini.
        if (ModelReader.Text(root, "nextPageToken") is { Length: > 0 } token)
            return "pageToken=" + Uri.EscapeDataString(token);
        // AWS.
        if (ModelReader.Text(root, "nextToken") is { Length: > 0 } nextToken)
            return "nextToken=" + Uri.EscapeDataString(nextToken);
        // Anthropic, and what follows it.
        if (root.TryGetProperty("has_more", out var more) && more.ValueKind == JsonValueKind.True && ModelReader.Text(root, "last_id") is { Length: > 0 } last)
            return "after_id=" + Uri.EscapeDataString(last);
        // Cloudflare.
        if (root.TryGetProperty("result_info", out var info) && ModelReader.Number(info, "page") is { } page && ModelReader.Number(info, "per_page") is { } size
            && ModelReader.Number(info, "total_count") is { } total && size > 0 && page > 0 && page < long.MaxValue / size && page * size < total)
        {
            return FormattableString.Invariant($"page={page + 1}");
        }
        return null;
    }
}
