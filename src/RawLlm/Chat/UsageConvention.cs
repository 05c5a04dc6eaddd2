using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>How a service counts input and output: services report <see cref="Usage"/> by different conventions.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<UsageConvention>))]
public enum UsageConvention
{
    /// <summary>The input includes cached tokens, and the output includes reasoning: OpenAI and most others.</summary>
    Inclusive = 0,

    /// <summary>Tokens read from the cache and written to it come in addition to the input: Anthropic, Bedrock.</summary>
    CacheOnTop = 1,

    /// <summary>Tokens of reasoning come in addition to the output: Gemini, xAI on chat completions.</summary>
    ReasoningOnTop = 2,
}
