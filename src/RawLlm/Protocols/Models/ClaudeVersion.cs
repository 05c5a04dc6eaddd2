namespace RawLlm.Protocols;

/// <summary>The version of an Anthropic model, according to its name. The version decides what the model accepts.</summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second number; 0 if there is none.</param>
/// <param name="Family">The family.</param>
internal readonly record struct ClaudeVersion(int Major, int Minor, ClaudeFamily Family)
{
    // Anthropic's models accept no smaller budget.
    private const int MinBudget = 1024;

    /// <summary>Whether the model has no extended thinking: Claude 3.7 was the first with it.</summary>
    public bool CannotThink => Number < 307;

    /// <summary>
    /// Whether thinking cannot be disabled: "thinking.type.disabled is not supported for this model" (Fable 5, Mythos 5, Opus 5.5). In
    /// Haiku 5.5 it can.
    /// </summary>
    public bool AlwaysThinks =>
        Family is ClaudeFamily.Fable or ClaudeFamily.Mythos || (Number >= 505 && Family is ClaudeFamily.Opus or ClaudeFamily.Unknown);

    /// <summary>
    /// Whether the model expects <c>between_tools</c> to disable thinking before an answer; it rejects <c>disabled</c> (Sonnet 5.5).
    /// </summary>
    public bool DisablesThinkingWithBetweenTools => Family == ClaudeFamily.Sonnet && Number >= 505;

    /// <summary>
    /// Whether the model can be forced to call a tool: "tool_choice: type "tool" and "any" are not supported for this model" (Opus 5.5,
    /// Sonnet 5.5, Fable 5.1, Mythos 5.1). Haiku 5.5 can.
    /// </summary>
    /// <remarks>Source: platform.claude.com/docs/en/models, "what's new" in each of them, 2026-09 and 2026-10.</remarks>
    public bool SupportsForcedToolCalls =>
        Family switch
        {
            ClaudeFamily.Opus or ClaudeFamily.Sonnet => Number < 505,
            ClaudeFamily.Fable or ClaudeFamily.Mythos => Number < 501,
            _ => true,
        };

    /// <summary>Whether the model continues from a given beginning of its answer.</summary>
    public bool SupportsPrefill => Number < 406;

    /// <summary>Whether the model supports thinking only with a budget: "adaptive thinking is not supported on this model".</summary>
    public bool SupportsOnlyBudget => Number < 406;

    /// <summary>Whether the model supports thinking only with an effort: "thinking.type.enabled is not supported for this model".</summary>
    public bool SupportsOnlyEffort => Number >= 407;

    /// <summary>Whether the model accepts an effort together with a budget (Claude Opus 4.5; Opus 4.6 and Sonnet 4.6).</summary>
    public bool SupportsEffortBesideBudget => Number == 406 || (Number == 405 && Family == ClaudeFamily.Opus);

    /// <summary>Whether "high" is the highest effort that the model accepts: "max" came with 4.6.</summary>
    public bool LacksMaxEffort => Number < 406;

    /// <summary>
    /// Whether the model accepts "xhigh", which came with 4.7. Without it, "high" is requested, as Anthropic's own tools do: "max" has no
    /// limit (4.6).
    /// </summary>
    /// <remarks>Source: platform.claude.com/docs/en/build-with-claude/effort, 2026-10.</remarks>
    public bool SupportsExtraHighEffort => Number >= 407;

    /// <summary>
    /// Whether the model accepts instructions between the turns of a conversation: "role 'system' is not supported on this model" (Opus 4.7
    /// and older, Sonnet 5).
    /// </summary>
    /// <remarks>Source: platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages, 2026-10; for Sonnet 5.5 and Haiku
    /// 5.5, the skill claude-api in Anthropic's own repository (anthropics/skills), 2026-10.</remarks>
    public bool SupportsLaterSystemMessages =>
        Family switch
        {
            ClaudeFamily.Opus => Number >= 408,
            ClaudeFamily.Sonnet or ClaudeFamily.Haiku => Number >= 505,
            ClaudeFamily.Fable or ClaudeFamily.Mythos => true,
            _ => false,
        };

    /// <summary>Whether the model rejects temperature and top_p: "deprecated for this model".</summary>
    public bool RejectsSampling => Number >= 407;

    /// <summary>Whether the model rejects temperature together with top_p: "cannot both be specified for this model".</summary>
    public bool RejectsTemperatureWithTopP => Number >= 401;

    /// <summary>
    /// Returns a budget that the model accepts: at least 1,024 tokens, and fewer than the answer may have; null if that leaves no room.
    /// </summary>
    /// <param name="budget">The requested budget.</param>
    /// <param name="maxTokens">The maximum number of tokens of the answer; null if there is no limit.</param>
    public static int? AcceptedBudget(int budget, int? maxTokens)
    {
        int wanted = Math.Max(budget, MinBudget);
        if (maxTokens is not { } limit || wanted < limit)
            return wanted;
        return limit > MinBudget ? Math.Max(MinBudget, limit / 2) : null;
    }

    private int Number => (Major * 100) + Minor;

    /// <summary>
    /// Returns the version of claude-3-5-haiku-latest, anthropic/claude-sonnet-4.5 or eu.anthropic.claude-opus-4-1-20250805-v1:0; null for
    /// a name without one.
    /// </summary>
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
            // A word of eight digits is a date.
            bool isVersion = word.Length is 1 or 2 && !word.ContainsAnyExceptInRange('0', '9');
            if (major >= 0)
            {
                minor = isVersion ? int.Parse(word, System.Globalization.CultureInfo.InvariantCulture) : 0;
                break;
            }
            // Bedrock's own revision of a model (v1:0), which is the version only for the oldest models (claude-v2:1).
            if (word is ['v', >= '0' and <= '9'])
            {
                if (
                    before.Equals("claude", StringComparison.OrdinalIgnoreCase)
                    || before.Equals("instant", StringComparison.OrdinalIgnoreCase)
                )
                {
                    major = word[1] - '0';
                }

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
