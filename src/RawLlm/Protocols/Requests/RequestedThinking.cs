namespace RawLlm.Protocols;

/// <summary>The requested thinking, in the form in which it is sent.</summary>
internal readonly record struct RequestedThinking
{
    /// <summary>Whether thinking is turned off.</summary>
    public bool IsOff { get; init; }

    /// <summary>The number of tokens to spend; null if the request asks for an effort.</summary>
    public int? Budget { get; init; }

    /// <summary>How hard to think; null if it is not sent.</summary>
    public ThinkingEffort? Effort { get; init; }

    /// <summary>Whether only the effort is sent, because the model always thinks.</summary>
    public bool IsImplied { get; init; }

    /// <summary>Whether the request turns thinking on.</summary>
    public bool IsOn => !IsImplied && (Budget is not null || Effort is not null);

    /// <summary>Whether the request asks for anything.</summary>
    public bool IsAny => IsOff || Budget is not null || Effort is not null;

    /// <summary>The number of tokens that thinking may take; they count toward the answer's limit.</summary>
    public int Tokens => Budget ?? (Effort is { } effort ? EffortScale.Budget(effort) : 0);

    /// <summary>Writes the object that Anthropic's models accept as <c>thinking</c>.</summary>
    /// <param name="json">Receives the object.</param>
    /// <param name="version">The model's version; null if its name does not contain one.</param>
    /// <param name="include">Whether the answer shows the reasoning; null to leave that to the service.</param>
    public void WriteForClaude(JsonWriter json, ClaudeVersion? version, bool? include)
    {
        json.StartObject();
        if (IsOff)
        {
            json.WriteMember("type"u8, version is { DisablesThinkingWithBetweenTools: true } ? "between_tools"u8 : "disabled"u8);
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
