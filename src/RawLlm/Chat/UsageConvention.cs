using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What a service counts as input and output: services report <see cref="Usage"/> by different conventions.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<UsageConvention>))]
public enum UsageConvention
{
    /// <summary>Cached tokens are inside the input, reasoning is inside the output: OpenAI and most others.</summary>
    AllInside = 0,

    /// <summary>Tokens read from the cache and written to it come on top of the input: Anthropic, Bedrock.</summary>
    CacheOnTop = 1,

    /// <summary>Tokens spent on thinking come on top of the output: Gemini, xAI on chat completions.</summary>
    ReasoningOnTop = 2,
}
