namespace RawLlm.Protocols;

/// <summary>
/// What a model supports on the Converse wire: the dialect's settings, or otherwise what the vendor and the model in its
/// name imply. A name that shows neither is treated like Claude.
/// </summary>
/// <remarks>
/// Sources: docs.aws.amazon.com/bedrock/latest/APIReference, ToolChoice and ToolResultBlock; bedrock/latest/userguide/prompt-caching.html;
/// nova/latest/nova2-userguide/extended-thinking.html; error messages of the service ("This model doesn't support the stopSequences
/// field.", "unknown field thinking, expected one of …"), 2025 and 2026.
/// </remarks>
internal readonly struct ConverseModel
{
    // Each line: a part of the name, and what such models support; the first line that matches counts. The form of thinking: object,
    // config, effort, reasoning; "asked": they think only if asked to. Then: any and named (forced tool calls), stop, status (of a tool
    // result), cache (marks on instructions and messages), tools (marks on tools), hour (marks for one hour); "fixed": no sampling
    // settings.
    private const string Known = """
        claude-v2 object stop
        claude-instant object stop
        claude-3-haiku object any named stop status
        claude-3-sonnet object any named stop status
        claude-3-opus object any named stop status
        claude-3-5-sonnet-20240620 object any named stop status
        claude object any named stop status cache tools hour
        amazon.nova-2 config any named stop status cache
        amazon.nova any named stop status cache
        gpt-oss effort any named
        openai.gpt- reasoning any named fixed
        deepseek.v3 effort asked any named
        kimi-k2 effort stop
        mistral-large any stop
        xai.grok any stop
        qwen
        """;

    private const string OfOthers = "stop";
    private const string All = "object any named stop status cache tools hour";

    private ConverseModel(ConverseProtocol dialect, string? model)
    {
        var thinking = ConverseThinking.None;
        SupportsSampling = true;
        var words = Find(model);
        foreach (var range in words.Split(' '))
        {
            switch (words[range])
            {
                case "object":
                    thinking = ConverseThinking.ThinkingObject;
                    break;
                case "config":
                    thinking = ConverseThinking.ReasoningConfig;
                    break;
                case "effort":
                    thinking = ConverseThinking.ReasoningEffort;
                    break;
                case "reasoning":
                    thinking = ConverseThinking.ReasoningObject;
                    break;
                case "asked":
                    ThinksOnlyIfAsked = true;
                    break;
                case "any":
                    SupportsForcedToolCalls = true;
                    break;
                case "named":
                    SupportsNamedToolCalls = true;
                    break;
                case "stop":
                    SupportsStopSequences = true;
                    break;
                case "status":
                    SupportsResultStatus = true;
                    break;
                case "cache":
                    SupportsCacheMarks = true;
                    break;
                case "tools":
                    SupportsCacheMarksOnTools = true;
                    break;
                case "hour":
                    SupportsOneHourCacheMarks = true;
                    break;
                case "fixed":
                    SupportsSampling = false;
                    break;
            }
        }
        if (ClaudeVersion.Of(model) is { SupportsForcedToolCalls: false })
            SupportsForcedToolCalls = SupportsNamedToolCalls = false;
        Thinking = dialect.Thinking == ConverseThinking.ByModel ? thinking : dialect.Thinking;
        if (dialect.Thinking != ConverseThinking.ByModel)
            ThinksOnlyIfAsked = false;
        if (dialect.SupportsForcedToolCalls is { } forced)
            SupportsForcedToolCalls = SupportsNamedToolCalls = forced;
        SupportsStopSequences = dialect.SupportsStopSequences ?? SupportsStopSequences;
        SupportsResultStatus = dialect.SupportsResultStatus ?? SupportsResultStatus;
        if (dialect.SupportsCacheMarks is { } marks)
            SupportsCacheMarks = SupportsCacheMarksOnTools = SupportsOneHourCacheMarks = marks;
    }

    /// <summary>How the model is asked to think; never <see cref="ConverseThinking.ByModel"/>.</summary>
    public ConverseThinking Thinking { get; }

    /// <summary>Whether the model is asked to think in the form of Anthropic's models.</summary>
    public bool HasThinkingObject => Thinking is ConverseThinking.ThinkingObject or ConverseThinking.ThinkingBudget;

    /// <summary>Whether the model thinks only if asked to, and has no word for not thinking.</summary>
    public bool ThinksOnlyIfAsked { get; }

    /// <summary>Whether the model accepts temperature and top_p: "This model doesn't support the temperature field."</summary>
    public bool SupportsSampling { get; }

    /// <summary>Whether the model can be forced to call a tool, and accepts a tool choice at all.</summary>
    public bool SupportsForcedToolCalls { get; }

    /// <summary>Whether the model can be forced to call a particular tool.</summary>
    public bool SupportsNamedToolCalls { get; }

    /// <summary>Whether the model accepts stop sequences.</summary>
    public bool SupportsStopSequences { get; }

    /// <summary>Whether a tool result can state that the tool failed.</summary>
    public bool SupportsResultStatus { get; }

    /// <summary>Whether the model accepts prompt caching marks after instructions and messages.</summary>
    public bool SupportsCacheMarks { get; }

    /// <summary>
    /// Whether the model accepts the marks after tools: Nova answers "extraneous key [cachePoint] is not permitted" (2026).
    /// </summary>
    public bool SupportsCacheMarksOnTools { get; }

    /// <summary>Whether the model accepts marks for one hour.</summary>
    public bool SupportsOneHourCacheMarks { get; }

    /// <summary>Returns what a model supports.</summary>
    /// <param name="dialect">The dialect, whose settings take precedence over the name.</param>
    /// <param name="model">The ID or ARN of a model or of an inference profile.</param>
    public static ConverseModel Of(ConverseProtocol dialect, string? model) => new(dialect, model);

    private static ReadOnlySpan<char> Find(ReadOnlySpan<char> model)
    {
        foreach (var line in Known.AsSpan().EnumerateLines())
        {
            int end = line.IndexOf(' ');
            var name = end < 0 ? line : line[..end];
            if (model.Contains(name, StringComparison.OrdinalIgnoreCase))
                return line[name.Length..].TrimStart(' ');
        }
        return NamesMaker(model) ? OfOthers : All;
    }

    // us.meta.llama3-3-70b-instruct-v1:0, ai21.jamba-1-5-large-v1:0, arn:aws:bedrock:us-east-1::foundation-model/minimax.minimax-m2; the ID
    // of an application's inference profile contains only letters and digits.
    private static bool NamesMaker(ReadOnlySpan<char> model)
    {
        const string Government = "us-gov.";
        var name = model[(model.LastIndexOf('/') + 1)..];
        if (name.StartsWith(Government, StringComparison.OrdinalIgnoreCase))
            name = name[Government.Length..];
        int point = name.IndexOf('.');
        if (point <= 0 || point + 1 == name.Length || !char.IsAsciiLetter(name[point + 1]))
            return false;
        foreach (char c in name[..point])
        {
            if (!char.IsAsciiLetterOrDigit(c))
                return false;
        }
        return true;
    }
}
