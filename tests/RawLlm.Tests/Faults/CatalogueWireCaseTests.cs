using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Faults;

/// <summary>Cases of the fault catalog that wire cases prove: each gives the events that were reviewed and corrected by hand.</summary>
public sealed class CatalogueWireCaseTests
{
    /// <summary>The wire cases by their number in the fault catalog.</summary>
    internal static IReadOnlyDictionary<int, string[]> Proofs { get; } =
        new Dictionary<int, string[]>
        {
            [60] =
            [
                "chat-completions/last-event-without-its-blank-line",
                "chat-completions/done-without-its-blank-line",
                "anthropic/ends-inside-an-event",
                "ollama/last-line-cut",
            ],
            [63] =
            [
                "chat-completions/two-values-in-one-event",
                "anthropic/two-values-in-an-event",
                "gemini/two-values-in-one-event",
                "ollama/two-values-on-one-line",
                "responses/two-values-in-one-event",
            ],
            [65] = ["chat-completions/data-in-two-lines", "responses/data-in-two-lines"],
            [66] = ["chat-completions/done-with-a-space-is-no-end-mark"],
            [67] =
            [
                "chat-completions/text-after-done-is-not-read",
                "ollama/text-after-done-is-not-read",
                "responses/text-after-the-end-is-not-read",
                "converse/after-metadata-nothing-is-read",
            ],
            [69] =
            [
                "ollama/lines-end-in-crlf",
                "ollama/blank-lines-between",
                "ollama/last-line-without-its-end",
                "ollama/last-line-without-its-end-and-not-done",
            ],
            [70] =
            [
                "converse/checksum-wrong",
                "converse/checksum-of-the-prelude-wrong",
                "converse/length-too-large",
                "converse/exception-internal-server",
            ],
            [73] = ["chat-completions/error-null-is-no-error", "anthropic/error-null-is-no-error", "gemini/error-null-is-no-error"],
            [74] =
            [
                "chat-completions/tool-index-beyond-bounds",
                "chat-completions/tool-index-negative",
                "chat-completions/usage-as-floats-and-strings",
                "ollama/usage-of-the-wrong-type",
            ],
            [75] =
            [
                "chat-completions/choices-of-the-wrong-type",
                "chat-completions/content-of-the-wrong-type",
                "chat-completions/choices-null-absent-empty",
                "chat-completions/delta-null-and-absent",
                "gemini/candidates-of-the-wrong-type",
            ],
            [76] =
            [
                "chat-completions/emoji-split-between-deltas",
                "chat-completions/half-an-emoji",
                "anthropic/emoji-split-between-deltas",
                "anthropic/half-an-emoji",
                "responses/emoji-split-between-deltas",
                "responses/half-an-emoji",
                "gemini/emoji-split-between-events",
                "gemini/half-an-emoji",
                "ollama/emoji-split-between-lines",
                "ollama/half-an-emoji",
                "converse/emoji-split-between-deltas",
                "converse/half-an-emoji",
            ],
            [79] =
            [
                "anthropic/message-stop-missing",
                "responses/end-without-a-last-event",
                "gemini/end-without-finish-reason",
                "ollama/end-without-done",
                "converse/message-stop-missing",
                "bedrock-invoke/message-stop-missing",
                "chat-completions/end-without-done-or-finish-reason",
                "chat-completions/choices-interleaved-one-cut",
            ],
            [80] = ["chat-completions/end-without-done"],
            [81] = ["chat-completions/done-without-finish-reason"],
            [82] = ["gemini/stop-on-every-event", "gemini/usage-alone-at-the-end", "gemini/candidate-without-content"],
            [83] =
            [
                "chat-completions/error-as-text",
                "chat-completions/error-flat-with-object",
                "chat-completions/error-in-an-array",
                "chat-completions/error-under-its-event-type",
                "chat-completions/error-with-finish-reason-and-usage",
                "gemini/error-in-an-array",
                "gemini/error-as-an-event",
                "ollama/error-in-mid-stream",
                "responses/error-flat",
                "converse/exception-throttling-after-text",
            ],
            [84] = ["anthropic/error-overloaded-after-text"],
            [85] = ["chat-completions/text-after-done-is-not-read", "converse/exception-after-the-message"],
            [86] =
            [
                "chat-completions/whole-error-inside-success",
                "anthropic/reply-error-with-status-200",
                "bedrock-invoke/reply-error-with-status-200",
                "converse/reply-error-with-status-200",
                "gemini/whole-error-in-a-success",
                "ollama/whole-error-in-a-success",
                "responses/whole-error-in-a-success",
            ],
            [87] =
            [
                "gemini/stopped-for-safety",
                "gemini/blocked-prompt",
                "gemini/whole-blocked-prompt",
                "chat-completions/refusal",
                "anthropic/stop-reason-refusal",
                "responses/incomplete-by-a-content-filter",
            ],
            [88] = ["gemini/malformed-function-call", "gemini/unexpected-tool-call", "converse/tool-malformed-by-the-model"],
            [89] =
            [
                "chat-completions/finish-reason-unknown",
                "anthropic/stop-reason-unknown",
                "gemini/finish-reason-unknown",
                "ollama/done-reason-unknown",
                "converse/stop-reason-unknown",
            ],
            [90] =
            [
                "chat-completions/unknown-members-everywhere",
                "anthropic/events-of-unknown-types",
                "anthropic/block-of-an-unknown-type",
                "responses/unknown-events-and-items",
                "gemini/unknown-members-everywhere",
                "ollama/unknown-members-everywhere",
                "converse/events-of-unknown-types",
            ],
            [91] =
            [
                "anthropic/message-start-twice",
                "anthropic/delta-without-its-block",
                "anthropic/block-stop-twice",
                "converse/delta-after-its-block",
                "converse/index-used-again",
                "responses/deltas-that-lost-their-begin",
            ],
            [92] = ["responses/id-and-model-change"],
            [93] =
            [
                "chat-completions/usage-merged-field-by-field",
                "chat-completions/usage-null-then-in-a-chunk-without-choices",
                "anthropic/usage-missing",
                "anthropic/usage-overlaid",
                "ollama/usage-missing",
                "gemini/usage-in-pieces",
            ],
            [94] =
            [
                "chat-completions/tool-index-beyond-bounds",
                "chat-completions/tool-index-negative",
                "gemini/candidate-index-beyond-bounds",
            ],
            [95] =
            [
                "chat-completions/t03-no-index",
                "chat-completions/t04-all-index-zero-with-empty-ids",
                "chat-completions/t06-different-id-on-each-delta",
                "chat-completions/t08-two-calls-share-an-id",
                "chat-completions/t16-no-id-no-index-whole-calls",
                "ollama/calls-on-two-lines-without-ids",
                "gemini/calls-that-share-an-id",
            ],
            [96] = ["chat-completions/t05-id-and-name-repeated-on-each-delta"],
            [97] =
            [
                "chat-completions/t11-name-after-arguments",
                "chat-completions/t11-name-later-than-id",
                "chat-completions/t10-name-empty-or-null-later",
            ],
            [98] =
            [
                "chat-completions/t17-no-arguments",
                "chat-completions/t14-empty-arguments-with-the-finish-reason",
                "chat-completions/t19-empty-object-then-more",
                "anthropic/tool-without-arguments",
                "converse/tool-without-arguments",
                "responses/arguments-none",
                "gemini/call-without-arguments",
                "ollama/call-without-arguments",
            ],
            [99] = ["chat-completions/t19-arguments-parse-before-they-end", "responses/arguments-with-escapes-and-an-emoji-split"],
            [100] =
            [
                "chat-completions/tool-arguments-broken",
                "anthropic/tool-arguments-not-json",
                "converse/tool-arguments-not-json",
                "responses/arguments-broken",
                "ollama/call-with-broken-text-for-arguments",
            ],
            [101] =
            [
                "chat-completions/t18-cut-off-by-the-token-limit",
                "anthropic/tool-cut-by-the-token-limit",
                "converse/tool-cut-by-the-token-limit",
                "gemini/call-in-an-answer-that-was-cut-off",
                "ollama/call-in-an-answer-that-was-cut-off",
                "responses/incomplete-inside-a-call",
            ],
            [102] =
            [
                "chat-completions/t18-stream-ends-inside-arguments",
                "anthropic/ends-inside-a-block",
                "gemini/stream-ends-inside-streamed-arguments",
            ],
            [129] = ["gemini/refused-rate-limit-with-retry-info"],
        };

    public static TheoryData<int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            foreach (var (number, names) in Proofs)
            {
                foreach (string name in names)
                    cases.Add(number, name);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void WireCase_OfFaultCatalog_YieldsReviewedEvents(int number, string name)
    {
        var wireCase = WireCase.All().SingleOrDefault(wireCase => $"{wireCase.Protocol}/{wireCase.Name}" == name);
        Assert.True(wireCase is not null, $"{name}, which proves case {number}, does not exist.");
        Assert.Equal(wireCase.ReadEvents(), wireCase.Decode(WireProtocols.Get(wireCase.Protocol)));
    }
}
