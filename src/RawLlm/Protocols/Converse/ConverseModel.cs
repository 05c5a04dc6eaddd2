namespace RawLlm.Protocols;

/// <summary>What a model takes on the Converse wire: what the dialect says, else what its maker and name tell. A name that tells neither takes all, as Anthropic's models do.</summary>
/// <remarks>
/// Sources: docs.aws.amazon.com/bedrock/latest/APIReference, ToolChoice and ToolResultBlock; bedrock/latest/userguide/prompt-caching.html;
/// nova/latest/nova2-userguide/extended-thinking.html; refusals of the service ("This model doesn't support the stopSequences field.",
/// "unknown field thinking, expected one of …"), 2025 and 2026.
/// </remarks>
internal readonly struct ConverseModel
{
    // A part of the name, and what such models take; the first line that fits counts. A word for the form of thinking: object, config,
    // effort, reasoning; "asked": they think only where it is asked for. Then: any and named (a call is demanded), stop, status (of a
    // result), cache (marks on instructions and messages), tools (marks on functions), hour (marks for an hour); "fixed": no sampling.
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
        TakesSampling = true;
        var words = Find(model);
        foreach (var range in words.Split(' '))
        {
            switch (words[range])
            {
                case "object": thinking = ConverseThinking.ThinkingObject; break;
                case "config": thinking = ConverseThinking.ReasoningConfig; break;
                case "effort": thinking = ConverseThinking.ReasoningEffort; break;
                case "reasoning": thinking = ConverseThinking.ReasoningObject; break;
                case "asked": ThinksOnlyIfAsked = true; break;
                case "any": TakesForcedCalls = true; break;
                case "named": TakesNamedCalls = true; break;
                case "stop": TakesStopSequences = true; break;
                case "status": TakesResultStatus = true; break;
                case "cache": TakesCacheMarks = true; break;
                case "tools": TakesCacheMarksOnTools = true; break;
                case "hour": TakesHourOfCache = true; break;
                case "fixed": TakesSampling = false; break;
            }
        }
        if (ClaudeVersion.Of(model) is { TakesForcedCalls: false })
            TakesForcedCalls = TakesNamedCalls = false;
        Thinking = dialect.Thinking == ConverseThinking.ByModel ? thinking : dialect.Thinking;
        if (dialect.Thinking != ConverseThinking.ByModel)
            ThinksOnlyIfAsked = false;
        if (dialect.TakesForcedCalls is { } forced)
            TakesForcedCalls = TakesNamedCalls = forced;
        TakesStopSequences = dialect.TakesStopSequences ?? TakesStopSequences;
        TakesResultStatus = dialect.TakesResultStatus ?? TakesResultStatus;
        if (dialect.TakesCacheMarks is { } marks)
            TakesCacheMarks = TakesCacheMarksOnTools = TakesHourOfCache = marks;
    }

    /// <summary>How it is asked to think; never <see cref="ConverseThinking.ByModel"/>.</summary>
    public ConverseThinking Thinking { get; }

    /// <summary>Whether it is asked to think as Anthropic's models are.</summary>
    public bool HasThinkingObject => Thinking is ConverseThinking.ThinkingObject or ConverseThinking.ThinkingBudget;

    /// <summary>Whether it does not think unless it is asked to, though no word says so.</summary>
    public bool ThinksOnlyIfAsked { get; }

    /// <summary>Whether it takes a temperature and top_p: "This model doesn't support the temperature field."</summary>
    public bool TakesSampling { get; }

    /// <summary>Whether it can be made to call a function, and takes a choice at all.</summary>
    public bool TakesForcedCalls { get; }

    /// <summary>Whether it can be made to call one function of several.</summary>
    public bool TakesNamedCalls { get; }

    /// <summary>Whether it takes words at which it stops.</summary>
    public bool TakesStopSequences { get; }

    /// <summary>Whether a result can say that the function failed.</summary>
    public bool TakesResultStatus { get; }

    /// <summary>Whether it takes marks for the prompt cache behind instructions and messages.</summary>
    public bool TakesCacheMarks { get; }

    /// <summary>Whether it takes them behind functions: Nova says "extraneous key [cachePoint] is not permitted" (2026).</summary>
    public bool TakesCacheMarksOnTools { get; }

    /// <summary>Whether it takes marks for an hour.</summary>
    public bool TakesHourOfCache { get; }

    /// <summary>What a model takes.</summary>
    /// <param name="dialect">What it says goes before the name.</param>
    /// <param name="model">The id of a model or of an inference profile, or the ARN of either.</param>
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

    // us.meta.llama3-3-70b-instruct-v1:0, ai21.jamba-1-5-large-v1:0, arn:aws:bedrock:us-east-1::foundation-model/minimax.minimax-m2; the id
    // of an application's inference profile is letters and digits alone.
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
