namespace RawLlm.Comparisons;

/// <summary>A ratio that is to be reached: one contender against another, on the streams whose names end so.</summary>
/// <param name="Text">The goal in words.</param>
/// <param name="Workload">The stream.</param>
/// <param name="Of">The contender that is judged.</param>
/// <param name="Against">The one that it is measured by.</param>
/// <param name="Bound">The most that it may take of the other's time; for a rival the least times by which it must be faster.</param>
/// <param name="IsFactor">True where it must be so many times faster.</param>
internal sealed record Goal(string Text, string Workload, string Of, string Against, double Bound, bool IsFactor)
{
    public static IEnumerable<Goal> All { get; } =
    [
        new("decoding against a newline search, plain text", "chat-completions/tokens", Contenders.Buffer, Contenders.Newlines, 1.2, IsFactor: false),
        new("decoding against a newline search, varying created", "chat-completions/created", Contenders.Buffer, Contenders.Newlines, 2, IsFactor: false),
        new("decoding against a newline search, obfuscation", "chat-completions/obfuscation", Contenders.Buffer, Contenders.Newlines, 2, IsFactor: false),
        new("decoding against a newline search, logprobs", "chat-completions/logprobs", Contenders.Buffer, Contenders.Newlines, 3.5, IsFactor: false),
        new("stream, 4 KiB, against SseParser", "chat-completions/tokens", Contenders.Stream, Contenders.Parser, 30, IsFactor: true),
        new("stream, 4 KiB, against the OpenAI SDK", "chat-completions/tokens", Contenders.Stream, Contenders.OpenAISdk, 60, IsFactor: true),
        new("stream, 4 KiB, against the Anthropic SDK", "anthropic/text", Contenders.Stream, Contenders.AnthropicSdk, 120, IsFactor: true),
        new("stream, per chunk, against SseParser", "chat-completions/tokens", Contenders.PerChunk, Contenders.ParserPerChunk, 15, IsFactor: true),
        new("stream, per chunk, against the OpenAI SDK", "chat-completions/tokens", Contenders.PerChunk, Contenders.OpenAISdkPerChunk, 30, IsFactor: true),
        new("strings, 4 KiB, against SseParser", "chat-completions/tokens", Contenders.Strings, Contenders.Parser, 12, IsFactor: true),
        new("strings, 4 KiB, against the OpenAI SDK", "chat-completions/tokens", Contenders.Strings, Contenders.OpenAISdk, 25, IsFactor: true),
        new("no template fits, against Utf8JsonReader advancing", "chat-completions/shuffled", Contenders.Buffer, Contenders.Tokens, 1.2, IsFactor: false),
        new("no template fits, against prediction off", "chat-completions/shuffled", Contenders.Buffer, Contenders.BufferOff, 1.03, IsFactor: false),
    ];

    /// <summary>The ratio of the medians; null where one of the two was not measured.</summary>
    public double? Ratio(IReadOnlyList<Sample> samples)
    {
        var of = samples.FirstOrDefault(sample => sample.Workload == Workload && sample.Contender == Of);
        var against = samples.FirstOrDefault(sample => sample.Workload == Workload && sample.Contender == Against);
        return of is null || against is null ? null : IsFactor ? against.Median / of.Median : of.Median / against.Median;
    }

    public bool IsMet(double ratio) => IsFactor ? ratio >= Bound : ratio <= Bound;
}
