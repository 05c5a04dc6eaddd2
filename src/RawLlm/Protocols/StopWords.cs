namespace RawLlm.Protocols;

/// <summary>The words that services send as stop reasons. Open: any other word is <see cref="StopReason.Unknown"/>.</summary>
public static class StopWords
{
    /// <summary>Returns the meaning of a word. Case does not matter, because some services differ only in that.</summary>
    public static StopReason Read(string? word)
    {
        if (string.IsNullOrEmpty(word))
            return StopReason.Unknown;
        var reason = ReadOne(word);
        // Gemini's compatible endpoint (2026) appends its own word to one of OpenAI's: "content_filter: PROHIBITED_CONTENT",
        // "function_call_filter: MALFORMED_FUNCTION_CALL".
        int colon = reason == StopReason.Unknown ? word.IndexOf(": ", StringComparison.Ordinal) : -1;
        if (colon < 0)
            return reason;
        var own = ReadOne(word.AsSpan(colon + 2));
        return own == StopReason.Unknown ? ReadOne(word.AsSpan(0, colon)) : own;
    }

    private static StopReason ReadOne(ReadOnlySpan<char> word)
    {
        if (
            WordList.Contains(
                "stop end_turn complete completed eos eos_token endoftext end normal finish finished finish_reason_stop"u8,
                word
            )
        )
        {
            return StopReason.EndTurn;
        }

        if (WordList.Contains("stop_sequence stop_criteria_met"u8, word))
            return StopReason.StopSequence;
        if (WordList.Contains("length max_tokens model_length max_output_tokens token_limit time_limit continuation"u8, word))
            return StopReason.MaxTokens;
        if (WordList.Contains("model_context_window_exceeded error_limit context"u8, word))
            return StopReason.ContextOverflow;
        if (WordList.Contains("tool_calls tool_use function_call tool_call"u8, word))
            return StopReason.ToolUse;
        if (
            WordList.Contains(
                """
            content_filter content_filtered guardrail_intervened safety recitation blocklist prohibited_content spii image_safety image_prohibited_content image_recitation
            language sensitive error_toxic model_armor blacklist
            """u8,
                word
            )
        )
        {
            return StopReason.ContentFilter;
        }

        if (WordList.Contains("refusal"u8, word))
            return StopReason.Refusal;
        if (WordList.Contains("pause_turn compaction"u8, word))
            return StopReason.Paused;
        if (
            WordList.Contains(
                """
            error network_error malformed_function_call malformed_response unexpected_tool_call too_many_tool_calls missing_thought_signature malformed_model_output
            malformed_tool_use insufficient_system_resource failed abort cancelled canceled repetition repetition_truncation rag_query_when_rag_disabled user_cancel timeout
            """u8,
                word
            )
        )
        {
            return StopReason.Error;
        }

        return StopReason.Unknown;
    }

    /// <summary>
    /// Returns the stop reason for the caller. Tool calls change <see cref="StopReason.EndTurn"/>, <see cref="StopReason.StopSequence"/>
    /// and <see cref="StopReason.Unknown"/> to <see cref="StopReason.ToolUse"/>; a refusal changes <see cref="StopReason.EndTurn"/> and
    /// <see cref="StopReason.Unknown"/> to <see cref="StopReason.Refusal"/>.
    /// </summary>
    public static StopReason Effective(StopReason stated, bool hasToolCalls, bool hasRefusal) =>
        stated switch
        {
            StopReason.EndTurn or StopReason.Unknown or StopReason.StopSequence when hasToolCalls => StopReason.ToolUse,
            StopReason.EndTurn or StopReason.Unknown when hasRefusal => StopReason.Refusal,
            _ => stated,
        };

    /// <summary>Whether a reason cuts off the text being written, so that no tool call of the answer counts as complete.</summary>
    public static bool IsCut(StopReason reason) =>
        reason is StopReason.MaxTokens or StopReason.ContextOverflow or StopReason.ContentFilter or StopReason.Refusal or StopReason.Error;
}
