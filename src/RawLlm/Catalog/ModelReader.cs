using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>Reads a model's entry, by the member names of several services; none is required.</summary>
internal static class ModelReader
{
    /// <summary>Returns the model; null if the entry is not a model.</summary>
    /// <param name="model">The entry.</param>
    /// <param name="id">The requested name, used if the entry has none.</param>
    public static ModelInfo? Read(JsonElement model, string? id)
    {
        if (model.ValueKind != JsonValueKind.Object)
            return null;
        // Cloudflare's own ID is a number in its catalog; requests use the name.
        bool isCloudflare = Text(model, "name")?.StartsWith('@') == true;
        string? name =
            (isCloudflare ? null : Text(model, "id") ?? Text(model, "modelId")) ?? Text(model, "name") ?? Text(model, "model") ?? id;
        // Volcengine (2026) still lists models that it no longer serves.
        if (name is null || (Text(model, "status") == "Shutdown" && Member(model, "token_limits").ValueKind == JsonValueKind.Object))
            return null;
        // Gemini's names include the collection, which its requests omit.
        if (name.StartsWith("models/", StringComparison.Ordinal))
            name = name["models/".Length..];
        var properties = Properties(model);
        long? context = Context(model, properties);
        long? output = Output(model);
        // The limit of the host that OpenRouter asks first; it asks another host for a longer answer.
        long? ofOneHost = output is null ? Number(Member(model, "top_provider"), "max_completion_tokens") : null;
        return new ModelInfo(name)
        {
            Title = Text(model, "display_name") ?? Text(model, "displayName") ?? Text(model, "modelName") ?? Text(model, "name"),
            ContextTokens = context,
            MaxOutputTokens = output ?? ofOneHost,
            Owner = Text(model, "owned_by") ?? Text(model, "providerName") ?? Text(model, "publisher") ?? Text(model, "organization"),
            InputModalities = Modalities(model, "input_modalities", "supported_input_modalities", "inputModalities"),
            OutputModalities = Modalities(model, "output_modalities", "supported_output_modalities", "outputModalities"),
            SupportedParameters = Texts(model, "supported_parameters") ?? [],
            Price = PriceReader.OfListing(model),
            Capabilities = CapabilityReader.Read(model, properties) with { ContextTokens = context, MaxOutputTokens = output },
            Json = RawJson.FromChecked(Encoding.UTF8.GetBytes(model.GetRawText())),
        };
    }

    internal static string? Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    internal static long? Number(JsonElement of, string name)
    {
        if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number)
            return value.TryGetInt64(out long number) && number > 0 ? number : null;
        return
            value.ValueKind == JsonValueKind.String
            && long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out long text)
            && text > 0
            ? text
            : null;
    }

    internal static JsonElement Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : default;

    internal static IReadOnlyList<string>? Texts(JsonElement of, string name)
    {
        var list = Member(of, name);
        if (list.ValueKind != JsonValueKind.Array)
            return null;
        return [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];
    }

    /// <summary>Returns what the model accepts or returns, in lower case; null if the entry does not say.</summary>
    internal static IReadOnlyList<string>? Modalities(JsonElement model, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if ((Texts(model, name) ?? Texts(Member(model, "architecture"), name) ?? Texts(Member(model, "modalities"), name)) is { } found)
                return [.. found.Select(word => word.ToLowerInvariant())];
        }
        return null;
    }

    private static IReadOnlyList<string> Modalities(JsonElement model, params string[] names) =>
        Modalities(model, (IReadOnlyList<string>)names) ?? [];

    // The member names of OpenRouter and Together, vLLM, Mistral, Groq, Vercel and Requesty, Gemini, Anthropic, llama.cpp, GitHub, Novita,
    // Poe, Copilot, Venice, DeepInfra, Volcengine, Cloudflare and Ollama.
    private static long? Context(JsonElement model, IReadOnlyDictionary<string, JsonElement> properties) =>
        Number(model, "context_length")
        ?? Number(model, "max_model_len")
        ?? Number(model, "max_context_length")
        ?? Number(model, "context_window")
        ?? Number(model, "inputTokenLimit")
        ?? Number(model, "max_input_tokens")
        ?? Number(Member(model, "meta"), "n_ctx_train")
        ?? Number(Member(model, "limits"), "max_input_tokens")
        ?? Number(model, "context_size")
        ?? Number(Member(model, "context_window"), "context_length")
        ?? Number(CopilotLimits(model), "max_context_window_tokens")
        ?? Number(Member(model, "model_spec"), "availableContextTokens")
        ?? Number(Member(model, "metadata"), "context_length")
        ?? Number(Member(model, "token_limits"), "context_window")
        ?? Of(properties, "context_window")
        ?? OllamaContext(model)
        ?? MaxOfProviders(model);

    private static long? Output(JsonElement model) =>
        Number(model, "max_completion_tokens")
        ?? Number(model, "max_output_tokens")
        ?? Number(model, "outputTokenLimit")
        ?? Number(Member(model, "limits"), "max_output_tokens")
        ?? Number(model, "max_output_length")
        ?? Number(Member(model, "context_window"), "max_output_tokens")
        ?? Number(CopilotLimits(model), "max_output_tokens")
        ?? Number(Member(model, "model_spec"), "maxCompletionTokens")
        ?? Number(Member(model, "metadata"), "max_tokens")
        ?? Number(Member(model, "token_limits"), "max_output_token_length")
        // On its own, max_tokens can mean either limit; next to an input limit, it is the output limit (Anthropic, Vercel).
        ?? (Number(model, "max_input_tokens") is null && Number(model, "context_window") is null ? null : Number(model, "max_tokens"));

    // capabilities: {"limits": {"max_context_window_tokens": 264000, …}, …}
    private static JsonElement CopilotLimits(JsonElement model) => Member(Member(model, "capabilities"), "limits");

    private static long? Of(IReadOnlyDictionary<string, JsonElement> properties, string name)
    {
        if (!properties.TryGetValue(name, out var property))
            return null;
        return Number(property, "value");
    }

    // model_info: {"general.architecture": "llama", "llama.context_length": 131072, …}
    private static long? OllamaContext(JsonElement model)
    {
        var info = Member(model, "model_info");
        return Text(info, "general.architecture") is { } architecture ? Number(info, architecture + ".context_length") : null;
    }

    // Hugging Face's router lists the hosts of a model.
    private static long? MaxOfProviders(JsonElement model)
    {
        var providers = Member(model, "providers");
        if (providers.ValueKind != JsonValueKind.Array)
            return null;
        long max = 0;
        foreach (var provider in providers.EnumerateArray())
            max = Math.Max(max, Number(provider, "context_length") ?? 0);
        return max > 0 ? max : null;
    }

    // Cloudflare: properties: [{"property_id": "context_window", "value": "8192"}, …]
    private static Dictionary<string, JsonElement> Properties(JsonElement model)
    {
        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var list = Member(model, "properties");
        if (list.ValueKind != JsonValueKind.Array)
            return found;
        foreach (var property in list.EnumerateArray())
        {
            if (Text(property, "property_id") is { } name)
                found[name] = property;
        }
        return found;
    }
}
