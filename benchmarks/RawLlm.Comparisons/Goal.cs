using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons;

/// <summary>A target ratio of one contender to another on one stream.</summary>
/// <param name="Text">The goal in words.</param>
/// <param name="Workload">The stream.</param>
/// <param name="Of">The contender that is evaluated.</param>
/// <param name="Against">The contender that it is measured against.</param>
/// <param name="Bound">The maximum ratio of its time to the other's; for a rival, the minimum factor by which it must be faster.</param>
/// <param name="IsFactor">Whether the bound is a minimum speed-up factor.</param>
internal sealed record Goal(string Text, string Workload, string Of, string Against, double Bound, bool IsFactor)
{
    public static IEnumerable<Goal> All { get; } = [.. Make()];

    /// <summary>The ratio of the medians; null if one of the two was not measured.</summary>
    public GoalResult? Result(IReadOnlyList<Sample> samples)
    {
        var of = samples.FirstOrDefault(sample => sample.Workload == Workload && sample.Contender == Of);
        var against = samples.FirstOrDefault(sample => sample.Workload == Workload && sample.Contender == Against);
        return of is null || against is null
            ? null
            : new GoalResult(Text, IsFactor ? against.Median / of.Median : of.Median / against.Median, Bound, IsFactor, "x");
    }

    private static IEnumerable<Goal> Make()
    {
        // Plain text and fragments of calls: 1.2. A field that differs in each chunk adds a hole; log probabilities add five.
        foreach (
            var (name, bound) in ((string, double)[])
                [
                    ("chat-completions/tokens", 1.2),
                    ("chat-completions/interleaved", 1.2),
                    ("chat-completions/tool-arguments", 1.2),
                    ("chat-completions/escapes", 1.2),
                    ("chat-completions/spaces", 1.2),
                    ("chat-completions/created", 2),
                    ("chat-completions/obfuscation", 2),
                    ("chat-completions/logprobs", 3.5),
                    ("anthropic/text", 1.2),
                    ("anthropic/tools", 1.2),
                    ("responses/text", 2),
                    ("responses/tools", 2),
                    ("gemini/text", 2),
                    ("ollama/text", 2),
                ]
        )
        {
            yield return new(
                $"{name}: decoding, against a newline search",
                name,
                Contenders.Buffer,
                Contenders.Newlines,
                bound,
                IsFactor: false
            );
        }
        foreach (string name in (string[])["converse/text", "converse/tools"])
        {
            yield return new(
                $"{name}: decoding, against the checksums that its frames need",
                name,
                Contenders.Buffer,
                Contenders.Checksum,
                2,
                IsFactor: false
            );
        }

        foreach (string name in (string[])["chat-completions/shuffled", "gemini/tools", "ollama/tools"])
        {
            yield return new(
                $"{name}: no template fits, against Utf8JsonReader advancing",
                name,
                Contenders.Buffer,
                Contenders.Tokens,
                1.2,
                IsFactor: false
            );
            yield return new(
                $"{name}: no template fits, against prediction off",
                name,
                Contenders.Buffer,
                Contenders.BufferOff,
                1.03,
                IsFactor: false
            );
        }
        foreach (
            string shape in (string[])["tokens", "interleaved", "created", "obfuscation", "logprobs", "escapes", "spaces", "tool-arguments"]
        )
        {
            string name = "chat-completions/" + shape;
            yield return new($"{name}: 4 KiB reads, against SseParser", name, Contenders.Stream, Contenders.Parser, 30, IsFactor: true);
            yield return new(
                $"{name}: 4 KiB reads, against the OpenAI package",
                name,
                Contenders.Stream,
                Contenders.OpenAISdk,
                60,
                IsFactor: true
            );
            yield return new(
                $"{name}: a chunk a read, against SseParser",
                name,
                Contenders.PerChunk,
                Contenders.ParserPerChunk,
                15,
                IsFactor: true
            );
            yield return new(
                $"{name}: a chunk a read, against the OpenAI package",
                name,
                Contenders.PerChunk,
                Contenders.OpenAISdkPerChunk,
                30,
                IsFactor: true
            );
        }
        foreach (string name in (string[])["anthropic/text", "anthropic/tools"])
        {
            yield return new(
                $"{name}: 4 KiB reads, against the Anthropic package",
                name,
                Contenders.Stream,
                Contenders.AnthropicSdk,
                120,
                IsFactor: true
            );
        }

        yield return new(
            "chat-completions/tokens: strings, 4 KiB reads, against SseParser",
            "chat-completions/tokens",
            Contenders.Strings,
            Contenders.Parser,
            12,
            IsFactor: true
        );
        yield return new(
            "chat-completions/tokens: strings, 4 KiB reads, against the OpenAI package",
            "chat-completions/tokens",
            Contenders.Strings,
            Contenders.OpenAISdk,
            25,
            IsFactor: true
        );
    }
}
