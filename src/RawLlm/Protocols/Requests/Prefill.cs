namespace RawLlm.Protocols;

/// <summary>A request that holds the beginning of its answer, from which the model goes on.</summary>
/// <param name="Request">The request.</param>
/// <param name="Sent">How much of the beginning it holds.</param>
/// <param name="MayEcho">Whether the service may give that again before it goes on.</param>
internal sealed record Prefill(ChatRequest Request, string Sent, bool MayEcho = false)
{
    /// <summary>The request with a last message of the model's.</summary>
    public static Prefill AsLastMessage(ChatRequest request, string text, WireData? data = null) =>
        new(request with { Messages = [.. request.Messages, new Message(Role.Assistant, [new TextPart(text) { WireData = data }])] }, text);

    /// <summary>The same for a model of Anthropic's; null where it takes none: since Claude 4.6 they refuse it with status 400, and all refuse a text that ends in white space.</summary>
    /// <remarks>Source: platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6 (prefill removal).</remarks>
    public static Prefill? ForClaude(ChatRequest request, string model, string text)
    {
        string sent = text.TrimEnd();
        return sent.Length > 0 && IsClaudeBefore46(model) ? AsLastMessage(request, sent) : null;
    }

    /// <summary>Whether a name is that of a Claude before 4.6: claude-3-5-haiku-latest, anthropic/claude-sonnet-4.5, eu.anthropic.claude-opus-4-1-20250805-v1:0.</summary>
    // Not one by which a router has the model think first.
    public static bool IsClaudeBefore46(string model) =>
        ClaudeVersion.Of(model) is { TakesBeginning: true } && !model.Contains("thinking", StringComparison.OrdinalIgnoreCase);
}
