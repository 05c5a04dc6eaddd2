using System.Globalization;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Compares costs calculated from recorded usage with the cost that the service itself reported in the same answer.</summary>
public sealed class RecordedCostTests(ITestOutputHelper output)
{
    // The services round to this fraction of a dollar, or report costs that precisely.
    private const decimal RoundingUnit = 0.0000001m;

    private static readonly (string Server, string Wire, Provider Provider)[] Sources =
    [
        ("openrouter", "openai-chat", Providers.OpenRouter),
        ("openrouter", "openai-responses", Providers.OpenRouter with { Protocol = new ResponsesProtocol() }),
        ("xai", "openai-chat", Providers.XAI),
        ("xai", "openai-responses", Providers.XAIResponses),
    ];

    // OpenRouter sells at the vendors' list prices, under its own model names.
    private static readonly Dictionary<string, (string Maker, string Model)> Makers = new()
    {
        ["openai/gpt-4o"] = ("openai", "gpt-4o"),
        ["openai/gpt-4o-mini"] = ("openai", "gpt-4o-mini"),
        ["openai/gpt-4o-mini-2024-07-18"] = ("openai", "gpt-4o-mini"),
        ["openai/gpt-4.1-mini"] = ("openai", "gpt-4.1-mini"),
        ["openai/gpt-4.1-mini-2025-04-14"] = ("openai", "gpt-4.1-mini"),
        ["openai/gpt-5"] = ("openai", "gpt-5"),
        ["openai/gpt-5-2025-08-07"] = ("openai", "gpt-5"),
        ["openai/gpt-5.2"] = ("openai", "gpt-5.2"),
        ["openai/gpt-5.2-20251211"] = ("openai", "gpt-5.2"),
        ["openai/o1"] = ("openai", "o1"),
        ["anthropic/claude-haiku-4.5"] = ("anthropic", "claude-haiku-4-5"),
        ["anthropic/claude-4.5-haiku-20251001"] = ("anthropic", "claude-haiku-4-5"),
        ["anthropic/claude-sonnet-4.5"] = ("anthropic", "claude-sonnet-4-5"),
        ["anthropic/claude-4.5-sonnet-20250929"] = ("anthropic", "claude-sonnet-4-5"),
        ["anthropic/claude-4.6-sonnet-20260217"] = ("anthropic", "claude-sonnet-4-6"),
        ["x-ai/grok-4.1-fast"] = ("xai", "grok-4-1-fast"),
        ["google/gemini-2.5-flash-lite"] = ("gemini", "gemini-2.5-flash-lite"),
    };

    [Fact]
    public void CostOf_RecordedUsageWithReportedCost_MatchesReportedCost()
    {
        var prices = Makers.Aggregate(
            PriceTable.BuiltIn,
            (table, pair) => table.With("openrouter", pair.Key, PriceTable.BuiltIn.Find(pair.Value.Maker, pair.Value.Model)!)
        );
        int agreed = 0,
            compared = 0,
            unpriced = 0,
            otherFees = 0;
        var failures = new List<string>();
        foreach (var (server, wire, provider) in Sources)
        {
            foreach (
                var recording in Recording
                    .All(wire, "stream")
                    .Concat(Recording.All(wire, "unary"))
                    .Where(recording => recording.Server == server)
            )
            {
                var decoded =
                    recording.Kind == "stream"
                        ? Decoded.Stream(provider.Protocol, recording.Read())
                        : Decoded.Whole(provider.Protocol, recording.Read());
                if (decoded.Reply is not { Usage: { ReportedCost: { } reported } usage, Model: { } model })
                    continue;
                var cost = prices.CostOf(provider, model, usage with { ReportedCost = null });
                if (cost is null)
                {
                    unpriced++;
                    continue;
                }
                if (HasOtherFees(recording))
                {
                    otherFees++;
                    continue;
                }
                compared++;
                if (Math.Abs(cost.Amount - reported) <= RoundingUnit)
                    agreed++;
                else
                {
                    failures.Add(
                        $"{recording.File} ({model}): {cost.Amount.ToString(CultureInfo.InvariantCulture)}, the service says {reported.ToString(CultureInfo.InvariantCulture)}: {usage}"
                    );
                }
            }
        }
        output.WriteLine(
            compared == 0
                ? "The recordings are not present: not applicable."
                : $"{agreed} of {compared} costs agree within ${RoundingUnit}; not compared: {unpriced} of models without a price, {otherFees} with fees that are not for tokens"
        );
        failures.ForEach(output.WriteLine);
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    // Searches and other tools that the service runs are charged per use; calls with the customer's own key are charged elsewhere.
    private static bool HasOtherFees(Recording recording)
    {
        string usage = recording.ReadExpected().TryGetProperty("usage_raw", out var raw) ? raw.GetRawText() : "";
        string[] marks =
        [
            "\"web_search_requests\": ",
            "\"is_byok\": true",
            "\"web_search_calls\": ",
            "\"x_search_calls\": ",
            "\"code_interpreter_calls\": ",
            "\"image_generation_calls\": ",
            "\"num_sources_used\": ",
        ];
        return marks.Any(mark => usage.Contains(mark, StringComparison.Ordinal) && !usage.Contains(mark + "0", StringComparison.Ordinal));
    }
}
