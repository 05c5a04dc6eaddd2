namespace RawLlm.Protocols;

/// <summary>The version of a model of Anthropic's, as its name tells it: what these models take changes with it.</summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second; 0 where there is none.</param>
/// <param name="Family">The family.</param>
internal readonly record struct ClaudeVersion(int Major, int Minor, ClaudeFamily Family)
{
    // Anthropic's models take no less.
    private const int LeastBudget = 1024;

    /// <summary>Whether the model cannot think: Claude 3.7 was the first that does.</summary>
    public bool CannotThink => Number < 307;

    /// <summary>Whether it cannot be kept from thinking: "thinking.type.disabled is not supported for this model" (Fable 5, Mythos 5, Opus 5.5). Haiku 5.5 can.</summary>
    public bool AlwaysThinks => Family is ClaudeFamily.Fable or ClaudeFamily.Mythos || (Number >= 505 && Family is ClaudeFamily.Opus or ClaudeFamily.Unknown);

    /// <summary>Whether <c>between_tools</c> is its word for no thoughts before an answer; it refuses <c>disabled</c> (Sonnet 5.5).</summary>
    public bool TakesBetweenTools => Family == ClaudeFamily.Sonnet && Number >= 505;

    /// <summary>Whether it can be made to call a function: "tool_choice: type "tool" and "any" are not supported for this model" (Opus 5.5, Sonnet 5.5, Fable 5.1, Mythos 5.1). Haiku 5.5 can.</summary>
    /// <remarks>Source: platform.claude.com/docs/en/models, what's new in each of them, 2026-09 and 2026-10.</remarks>
    public bool TakesForcedCalls => Family switch
    {
        ClaudeFamily.Opus or ClaudeFamily.Sonnet => Number < 505,
        ClaudeFamily.Fable or ClaudeFamily.Mythos => Number < 501,
        _ => true,
    };

    /// <summary>Whether it goes on from a beginning of its answer.</summary>
    public bool TakesBeginning => Number < 406;

    /// <summary>Whether it thinks up to a budget only: "adaptive thinking is not supported on this model".</summary>
    public bool TakesOnlyBudget => Number < 406;

    /// <summary>Whether it thinks with an effort only: "thinking.type.enabled is not supported for this model".</summary>
    public bool TakesOnlyEffort => Number >= 407;

    /// <summary>Whether it takes an effort beside a budget (Claude Opus 4.5; Opus 4.6 and Sonnet 4.6).</summary>
    public bool TakesEffortBesideBudget => Number == 406 || (Number == 405 && Family == ClaudeFamily.Opus);

    /// <summary>Whether "high" is the most effort that it takes: "max" came with 4.6.</summary>
    public bool LacksMaxEffort => Number < 406;

    /// <summary>Whether it takes "xhigh", which came with 4.7. Without it "high" is asked for, as Anthropic's own tools do: "max" has no bound (4.6).</summary>
    /// <remarks>Source: platform.claude.com/docs/en/build-with-claude/effort, 2026-10.</remarks>
    public bool TakesExtraHighEffort => Number >= 407;

    /// <summary>Whether it refuses a temperature and top_p: "deprecated for this model".</summary>
    public bool TakesNoSampling => Number >= 407;

    /// <summary>Whether it refuses a temperature beside top_p: "cannot both be specified for this model".</summary>
    public bool TakesOneOfSampling => Number >= 401;

    /// <summary>A budget that is taken: 1,024 tokens or more, and fewer than the answer may have; null where that leaves no room.</summary>
    /// <param name="budget">The budget that was asked for.</param>
    /// <param name="maxTokens">The most tokens of the answer; null where that does not bound it.</param>
    public static int? TakenBudget(int budget, int? maxTokens)
    {
        int least = Math.Max(budget, LeastBudget);
        if (maxTokens is not { } most || least < most)
            return least;
        return most > LeastBudget ? Math.Max(LeastBudget, most / 2) : null;
    }

    private int Number => (Major * 100) + Minor;

    /// <summary>That of claude-3-5-haiku-latest, anthropic/claude-sonnet-4.5 or eu.anthropic.claude-opus-4-1-20250805-v1:0; null for a name that tells none.</summary>
    public static ClaudeVersion? Of(string? model)
    {
        int at = model?.IndexOf("claude", StringComparison.OrdinalIgnoreCase) ?? -1;
        if (at < 0)
            return null;
        var name = model.AsSpan(at);
        int major = -1;
        int minor = 0;
        ReadOnlySpan<char> before = default;
        foreach (var range in name.SplitAny("-.@:/_"))
        {
            var word = name[range];
            // One of eight digits is a date.
            bool isVersion = word.Length is 1 or 2 && !word.ContainsAnyExceptInRange('0', '9');
            if (major >= 0)
            {
                minor = isVersion ? int.Parse(word, System.Globalization.CultureInfo.InvariantCulture) : 0;
                break;
            }
            // Bedrock's own revision of a model (v1:0), which is the version of the oldest only (claude-v2:1).
            if (word is ['v', >= '0' and <= '9'])
            {
                if (before.Equals("claude", StringComparison.OrdinalIgnoreCase) || before.Equals("instant", StringComparison.OrdinalIgnoreCase))
                    major = word[1] - '0';
                break;
            }
            before = word;
            if (isVersion)
                major = int.Parse(word, System.Globalization.CultureInfo.InvariantCulture);
        }
        return major < 0 ? null : new(major, minor, FamilyOf(name));
    }

    private static ClaudeFamily FamilyOf(ReadOnlySpan<char> name) =>
        name.Contains("haiku", StringComparison.OrdinalIgnoreCase) ? ClaudeFamily.Haiku
        : name.Contains("sonnet", StringComparison.OrdinalIgnoreCase) ? ClaudeFamily.Sonnet
        : name.Contains("opus", StringComparison.OrdinalIgnoreCase) ? ClaudeFamily.Opus
        : name.Contains("fable", StringComparison.OrdinalIgnoreCase) ? ClaudeFamily.Fable
        : name.Contains("mythos", StringComparison.OrdinalIgnoreCase) ? ClaudeFamily.Mythos
        : ClaudeFamily.Unknown;
}
