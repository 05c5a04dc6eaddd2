namespace RawLlm.Protocols;

/// <summary>A request that contains the beginning of its answer, which the model continues.</summary>
/// <param name="Request">The request.</param>
/// <param name="Sent">The part of the beginning that the request contains.</param>
/// <param name="MayEcho">Whether the service may repeat that beginning before it continues.</param>
internal sealed record Prefill(ChatRequest Request, string Sent, bool MayEcho = false)
{
    /// <summary>Returns the request with the beginning as a last message of the model.</summary>
    public static Prefill AsLastMessage(ChatRequest request, string text, WireData? data = null) =>
        new(request with { Messages = [.. request.Messages, new Message(Role.Assistant, [new TextPart(text) { WireData = data }])] }, text);

    /// <summary>
    /// Returns the same for an Anthropic model; null if it cannot continue: since Claude 4.6, models reject the
    /// message with status 400, and all reject trailing white space.
    /// </summary>
    /// <remarks>Source: platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6 (prefill removal).</remarks>
    public static Prefill? ForClaude(ChatRequest request, string model, string text)
    {
        string sent = text.TrimEnd();
        return sent.Length > 0 && IsClaudeBefore46(model) ? AsLastMessage(request, sent) : null;
    }

    /// <summary>
    /// Whether a name is that of a Claude before 4.6: claude-3-5-haiku-latest, anthropic/claude-sonnet-4.5,
    /// eu.anthropic.claude-opus-4-1-20250805-v1:0.
    /// </summary>
    // Excludes names with which a router makes the model think first.
    public static bool IsClaudeBefore46(string model) =>
        ClaudeVersion.Of(model) is { SupportsPrefill: true } && !model.Contains("thinking", StringComparison.OrdinalIgnoreCase);
}
