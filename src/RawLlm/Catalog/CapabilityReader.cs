using System.Text.Json;

namespace RawLlm;

/// <summary>Reads a model's capabilities from its entry in a list; those that the entry does not mention stay unknown.</summary>
internal static class CapabilityReader
{
    private static readonly string[] Inputs = ["input_modalities", "supported_input_modalities", "inputModalities"];

    public static Capabilities Read(JsonElement model, IReadOnlyDictionary<string, JsonElement> properties)
    {
        var inputs = ModelReader.Modalities(model, Inputs);
        var parameters = ModelReader.Texts(model, "supported_parameters");
        var words = ModelReader.Texts(model, "capabilities");
        var flags = ModelReader.Member(model, "capabilities");
        return new Capabilities
        {
            Streaming = Flag(model, "responseStreamingSupported") ?? (Has(words, "streaming") == true ? true : null),
            Tools =
                Has(parameters, "tools")
                ?? Has(words, "tools")
                ?? Flag(flags, "function_calling")
                ?? Flag(model, "supports_tools")
                ?? Flag(model, "supports_function_calling")
                ?? Flag(ModelReader.Member(ModelReader.Member(model, "features"), "tools"), "function_calling")
                ?? Property(properties, "function_calling")
                ?? AnyProvider(model, "supports_tools"),
            ParallelTools = Has(parameters, "parallel_tool_calls") == true ? true : null,
            Vision =
                Has(inputs, "image")
                ?? (IsOllama(model) ? Has(words, "vision") : null)
                ?? Flag(flags, "vision")
                ?? Flag(flags, "image_input")
                ?? Flag(model, "supports_vision")
                ?? Flag(model, "supports_image_input")
                ?? Property(properties, "vision"),
            Audio = Has(inputs, "audio") == true ? true : Flag(flags, "audio") ?? (parameters is null ? null : Has(inputs, "audio")),
            // OpenRouter reads documents on behalf of models that cannot; Bedrock and GitHub do not list documents among the inputs.
            Files = Has(inputs, "file") == true ? true : Flag(flags, "pdf_input"),
            Thinking =
                Has(parameters, "reasoning")
                ?? (IsOllama(model) ? Has(words, "thinking") : null)
                ?? Flag(flags, "thinking")
                ?? Flag(flags, "reasoning")
                ?? Flag(model, "thinking")
                ?? Flag(model, "supports_reasoning")
                ?? Property(properties, "reasoning"),
            StructuredOutput =
                Has(parameters, "structured_outputs") == true
                    ? true
                    : Flag(flags, "structured_outputs") ?? AnyProvider(model, "supports_structured_output"),
        };
    }

    // Ollama lists all capabilities of a model; others list some.
    private static bool IsOllama(JsonElement model) => ModelReader.Member(model, "model_info").ValueKind == JsonValueKind.Object;

    private static bool? Has(IReadOnlyList<string>? words, string word) =>
        words switch
        {
            null or [] => null,
            _ when words.Contains(word, StringComparer.OrdinalIgnoreCase) => true,
            // GitHub's word for tools.
            _ when word == "tools" => words.Contains("tool-calling", StringComparer.OrdinalIgnoreCase),
            _ => false,
        };

    private static bool? Flag(JsonElement of, string name)
    {
        var value = ModelReader.Member(of, name);
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            // Anthropic: {"supported": true}
            JsonValueKind.Object => Flag(value, "supported"),
            _ => null,
        };
    }

    // Cloudflare lists what a model can do and omits the rest.
    private static bool? Property(IReadOnlyDictionary<string, JsonElement> properties, string name) =>
        properties.TryGetValue(name, out var property) && ModelReader.Text(property, "value") == "true" ? true : null;

    private static bool? AnyProvider(JsonElement model, string name)
    {
        var providers = ModelReader.Member(model, "providers");
        if (providers.ValueKind != JsonValueKind.Array)
            return null;
        bool? any = null;
        foreach (var provider in providers.EnumerateArray())
        {
            if (Flag(provider, name) is { } flag)
                any = flag || any == true;
        }
        return any;
    }
}
