namespace RawLlm.Protocols;

/// <summary>The words with which services say why an answer ended. Open: a word that is not here is <see cref="StopReason.Unknown"/>.</summary>
public static class StopWords
{
    private static readonly Dictionary<string, StopReason> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["stop"] = StopReason.EndTurn,
        ["end_turn"] = StopReason.EndTurn,
        ["complete"] = StopReason.EndTurn,
        ["completed"] = StopReason.EndTurn,
        ["eos"] = StopReason.EndTurn,
        ["eos_token"] = StopReason.EndTurn,
        ["end"] = StopReason.EndTurn,
        ["normal"] = StopReason.EndTurn,
        ["finish_reason_stop"] = StopReason.EndTurn,
        ["stop_sequence"] = StopReason.StopSequence,
        ["length"] = StopReason.MaxTokens,
        ["max_tokens"] = StopReason.MaxTokens,
        ["model_length"] = StopReason.MaxTokens,
        ["max_output_tokens"] = StopReason.MaxTokens,
        ["model_context_window_exceeded"] = StopReason.ContextOverflow,
        ["tool_calls"] = StopReason.ToolUse,
        ["tool_use"] = StopReason.ToolUse,
        ["function_call"] = StopReason.ToolUse,
        ["tool_call"] = StopReason.ToolUse,
        ["content_filter"] = StopReason.ContentFilter,
        ["content_filtered"] = StopReason.ContentFilter,
        ["guardrail_intervened"] = StopReason.ContentFilter,
        ["safety"] = StopReason.ContentFilter,
        ["recitation"] = StopReason.ContentFilter,
        ["blocklist"] = StopReason.ContentFilter,
        ["prohibited_content"] = StopReason.ContentFilter,
        ["spii"] = StopReason.ContentFilter,
        ["image_safety"] = StopReason.ContentFilter,
        ["image_prohibited_content"] = StopReason.ContentFilter,
        ["language"] = StopReason.ContentFilter,
        ["sensitive"] = StopReason.ContentFilter,
        ["error_toxic"] = StopReason.ContentFilter,
        ["model_armor"] = StopReason.ContentFilter,
        ["refusal"] = StopReason.Refusal,
        ["pause_turn"] = StopReason.Paused,
        ["compaction"] = StopReason.Paused,
        ["error"] = StopReason.Error,
        ["network_error"] = StopReason.Error,
        ["malformed_function_call"] = StopReason.Error,
        ["unexpected_tool_call"] = StopReason.Error,
        ["too_many_tool_calls"] = StopReason.Error,
        ["missing_thought_signature"] = StopReason.Error,
        ["malformed_model_output"] = StopReason.Error,
        ["malformed_tool_use"] = StopReason.Error,
        ["insufficient_system_resource"] = StopReason.Error,
        ["failed"] = StopReason.Error,
        ["abort"] = StopReason.Error,
    };

    /// <summary>What a word means; letters' case does not matter, since services differ only in it.</summary>
    public static StopReason Read(string? word) => word is not null && Words.TryGetValue(word, out var reason) ? reason : StopReason.Unknown;

    /// <summary>The reason that holds for the caller: where functions were called and the service only said that it ended, they are what it waits for.</summary>
    public static StopReason Effective(StopReason stated, bool hasToolCalls, bool hasRefusal) => stated switch
    {
        StopReason.EndTurn or StopReason.Unknown or StopReason.StopSequence when hasToolCalls => StopReason.ToolUse,
        StopReason.EndTurn or StopReason.Unknown when hasRefusal => StopReason.Refusal,
        _ => stated,
    };

    /// <summary>True for reasons that cut off whatever was being written, so that no function call of the answer counts as complete.</summary>
    public static bool IsCut(StopReason reason) => reason is StopReason.MaxTokens or StopReason.ContextOverflow;
}
