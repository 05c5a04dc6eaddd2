using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

/// <summary>Every word by which a service says why an answer ended, as sent on the wire.</summary>
public sealed class StopWordsTests
{
    public static TheoryData<string, StopReason> Table
    {
        get
        {
            var table = new TheoryData<string, StopReason>();
            Add(
                StopReason.EndTurn,
                "stop",
                "end_turn",
                "STOP",
                "COMPLETE",
                "completed",
                "eos",
                "eos_token",
                "end",
                "normal",
                "FINISH",
                "FINISHED",
                "FINISH_REASON_STOP"
            );
            Add(StopReason.StopSequence, "stop_sequence", "STOP_CRITERIA_MET");
            Add(
                StopReason.MaxTokens,
                "length",
                "max_tokens",
                "MAX_TOKENS",
                "model_length",
                "max_output_tokens",
                "token_limit",
                "time_limit",
                "CONTINUATION"
            );
            Add(StopReason.ContextOverflow, "model_context_window_exceeded", "ERROR_LIMIT", "context");
            Add(StopReason.ToolUse, "tool_calls", "tool_use", "function_call", "TOOL_CALL");
            Add(
                StopReason.ContentFilter,
                "content_filter",
                "content_filtered",
                "guardrail_intervened",
                "SAFETY",
                "RECITATION",
                "BLOCKLIST",
                "PROHIBITED_CONTENT",
                "SPII",
                "IMAGE_SAFETY",
                "IMAGE_RECITATION",
                "LANGUAGE",
                "sensitive",
                "ERROR_TOXIC",
                "MODEL_ARMOR",
                "blacklist",
                "content_filter: PROHIBITED_CONTENT",
                "content_filter: SOMETHING_NEW"
            );
            Add(StopReason.Refusal, "refusal");
            Add(StopReason.Paused, "pause_turn", "compaction");
            Add(
                StopReason.Error,
                "error",
                "network_error",
                "MALFORMED_FUNCTION_CALL",
                "MALFORMED_RESPONSE",
                "UNEXPECTED_TOOL_CALL",
                "TOO_MANY_TOOL_CALLS",
                "MISSING_THOUGHT_SIGNATURE",
                "malformed_model_output",
                "malformed_tool_use",
                "insufficient_system_resource",
                "failed",
                "abort",
                "RAG_QUERY_WHEN_RAG_DISABLED",
                "USER_CANCEL",
                "repetition_truncation",
                "repetition",
                "cancelled",
                "canceled",
                "function_call_filter: MALFORMED_FUNCTION_CALL",
                "function_call_filter: UNEXPECTED_TOOL_CALL"
            );
            Add(StopReason.Unknown, "load", "unload", "something_new", "something: else", ": ");
            return table;

            void Add(StopReason reason, params string[] words)
            {
                foreach (string word in words)
                    table.Add(word, reason);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void FinishReason_EachValue_MapsToStopReasonAndIsKept(string word, StopReason reason)
    {
        string body = $$"""
            data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"{{word}}"}]}

            data: [DONE]


            """;
        var decoded = Decoded.Stream(new ChatCompletionsProtocol(), System.Text.Encoding.UTF8.GetBytes(body.ReplaceLineEndings("\n")));
        Assert.Null(decoded.Error);
        Assert.Equal((reason, word), (decoded.Reply.StopReason, decoded.Reply.RawStopReason));
        Assert.Equal(reason == StopReason.Unknown, decoded.Reply.Quirks.Any(quirk => quirk.Kind == QuirkKind.UnknownFinishReason));
    }

    [Theory]
    [InlineData(StopReason.EndTurn, StopReason.ToolUse)]
    [InlineData(StopReason.Unknown, StopReason.ToolUse)]
    [InlineData(StopReason.MaxTokens, StopReason.MaxTokens)]
    [InlineData(StopReason.ContentFilter, StopReason.ContentFilter)]
    public void Effective_WithToolCalls_ReturnsToolUseUnlessTruncated(StopReason stated, StopReason effective) =>
        Assert.Equal(effective, StopWords.Effective(stated, hasToolCalls: true, hasRefusal: false));
}
