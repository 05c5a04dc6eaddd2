namespace RawLlm;

/// <summary>Finds a tool call that a model wrote as text because the server in front of it has no parser for it.</summary>
internal static class UnparsedCall
{
    // How families of models begin a call in their own output, by their chat templates (2026-11).
    private static readonly string[] Markers =
    [
        "<tool_call>", // Qwen, Hermes, GLM
        "[TOOL_CALLS]", // Mistral
        "<function=", // Llama 3, Qwen Coder
        "<|python_tag|>", // Llama 3
        "<|tool_call|>", // Granite, Phi
        "<|tool_calls_section_begin|>", // Kimi K2
        "<｜tool▁calls▁begin｜>", // DeepSeek V3, R1
        "｜DSML｜", // DeepSeek V3.2 and V4, whose calls also come without their first tag
        "<minimax:tool_call>", // MiniMax
        "[TOOL_CALL]", // MiniMax M2 in LM Studio
        "to=functions.", // gpt-oss
    ];

    /// <summary>
    /// Returns the reply with <see cref="QuirkKind.ToolCallAsText"/> if it holds no call and its text has the marker of one.
    /// </summary>
    /// <param name="reply">The reply to a request that offered tools.</param>
    public static ChatReply Note(ChatReply reply)
    {
        if (reply.ToolCalls.Count > 0)
            return reply;
        string text = reply.Text;
        foreach (string marker in Markers)
        {
            if (text.Contains(marker, StringComparison.Ordinal))
                return reply with { Quirks = [.. reply.Quirks, new Quirk(QuirkKind.ToolCallAsText, marker)] };
        }
        return reply;
    }
}
