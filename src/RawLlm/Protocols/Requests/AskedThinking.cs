namespace RawLlm.Protocols;

/// <summary>What is asked of thinking, in the form in which it is sent.</summary>
internal readonly record struct AskedThinking
{
    /// <summary>True to think nothing.</summary>
    public bool IsOff { get; init; }

    /// <summary>How many tokens may be spent; null where an effort is asked for.</summary>
    public int? Budget { get; init; }

    /// <summary>How hard to think.</summary>
    public ThinkingEffort? Effort { get; init; }

    /// <summary>True where only the effort is said, since the model thinks anyway.</summary>
    public bool IsUnsaid { get; init; }

    /// <summary>Whether it is asked to think.</summary>
    public bool IsOn => !IsUnsaid && (Budget is not null || Effort is not null);

    /// <summary>Whether anything is asked.</summary>
    public bool IsAny => IsOff || Budget is not null || Effort is not null;

    /// <summary>How many tokens it may take; thoughts count towards the limit of an answer.</summary>
    public int Tokens => Budget ?? (Effort is { } effort ? EffortScale.Budget(effort) : 0);

    /// <summary>Writes the object that Anthropic's models take as <c>thinking</c>.</summary>
    /// <param name="json">Where it is written.</param>
    /// <param name="version">The model's version, where its name tells it.</param>
    /// <param name="include">Whether thoughts are to be shown; null says nothing of it.</param>
    public void WriteForClaude(JsonWriter json, ClaudeVersion? version, bool? include)
    {
        json.StartObject();
        if (IsOff)
        {
            json.WriteMember("type"u8, version is { TakesBetweenTools: true } ? "between_tools"u8 : "disabled"u8);
        }
        else if (Budget is { } budget)
        {
            json.WriteMember("type"u8, "enabled"u8);
            json.WriteName("budget_tokens"u8);
            json.WriteNumber(budget);
        }
        else
        {
            json.WriteMember("type"u8, "adaptive"u8);
        }
        if (!IsOff && include is { } isShown)
            json.WriteMember("display"u8, isShown ? "summarized"u8 : "omitted"u8);
        json.EndObject();
    }
}
