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
    public static bool IsClaudeBefore46(string model)
    {
        int at = model.IndexOf("claude", StringComparison.OrdinalIgnoreCase);
        // A name by which a router has the model think first.
        if (at < 0 || model.Contains("thinking", StringComparison.OrdinalIgnoreCase))
            return false;
        int major = -1;
        foreach (var range in model.AsSpan(at).SplitAny("-.@:/_"))
        {
            var word = model.AsSpan(at)[range];
            // One of eight digits is a date.
            bool isVersion = word.Length is 1 or 2 && !word.ContainsAnyExceptInRange('0', '9');
            if (major >= 0)
                return major < 4 || (major == 4 && (!isVersion || Number(word) < 6));
            if (isVersion)
                major = Number(word);
        }
        return major is >= 0 and <= 4;
    }

    private static int Number(ReadOnlySpan<char> digits)
    {
        int number = 0;
        foreach (char c in digits)
            number = (number * 10) + (c - '0');
        return number;
    }
}
