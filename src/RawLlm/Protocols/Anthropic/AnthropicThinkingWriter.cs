namespace RawLlm.Protocols;

/// <summary>Writes the thinking settings in the form that a service on the Messages wire and its model accept.</summary>
internal readonly struct AnthropicThinkingWriter(
    AnthropicProtocol dialect,
    ClaudeVersion? version,
    ChatRequest request,
    MemberWriter members,
    AnthropicMessageWriter messages
)
{
    private JsonWriter Json => members.Json;

    private WireRequest Wire => members.Json.Wire;

    /// <summary>Reads what the request asks for, and records what is not sent.</summary>
    public RequestedThinking Read()
    {
        if (request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
            return default;
        if (dialect.Thinking == AnthropicThinking.None)
        {
            Wire.Note(QuirkKind.LeftOut, "thinking");
            return default;
        }
        if (thinking.Effort == ThinkingEffort.None)
            return RequestNone();
        if (thinking is { Effort: null, BudgetTokens: null })
        {
            // Whether to show the reasoning can be set only if thinking is requested.
            Wire.Note(QuirkKind.LeftOut, "thinking.display");
            return default;
        }
        if (version is { CannotThink: true })
        {
            Wire.Note(QuirkKind.LeftOut, "thinking");
            return default;
        }
        var form =
            dialect.Thinking != AnthropicThinking.AsRequested ? dialect.Thinking
            : version is { SupportsOnlyBudget: true } ? AnthropicThinking.Budget
            : version is { SupportsOnlyEffort: true } || thinking.BudgetTokens is null ? AnthropicThinking.Effort
            : AnthropicThinking.Budget;
        if (form == AnthropicThinking.Budget)
        {
            int? budget = thinking.BudgetTokens is { } asked
                ? Accepted(asked)
                : EffortScale.Budget(thinking.Effort!.Value, request.MaxTokens);
            if (budget is null || messages.LacksReasoning)
            {
                Wire.Note(QuirkKind.LeftOut, "thinking");
                return default;
            }
            if (thinking.BudgetTokens != budget)
                Wire.Note(QuirkKind.Adapted, "thinking.budget_tokens");
            // Models between the two forms (Claude Opus 4.5; Opus 4.6 and Sonnet 4.6) accept an effort together with the budget.
            bool takesEffort =
                dialect.Thinking == AnthropicThinking.AsRequested
                && version is null or { SupportsEffortBesideBudget: true }
                && thinking.BudgetTokens is not null;
            if (thinking is { Effort: not null, BudgetTokens: not null } && !takesEffort)
                Wire.Note(QuirkKind.LeftOut, "output_config.effort");
            return new RequestedThinking { Budget = budget, Effort = takesEffort ? Accepted(thinking.Effort) : null };
        }
        if (thinking.BudgetTokens is not null)
            Wire.Note(QuirkKind.Adapted, "output_config.effort");
        if (thinking.Effort == ThinkingEffort.Minimal)
            Wire.Note(QuirkKind.Adapted, "output_config.effort");
        return new RequestedThinking { Effort = Accepted(thinking.Effort) ?? EffortScale.EffortOf(thinking.BudgetTokens!.Value) };
    }

    /// <summary>Writes the settings, if there are any to send.</summary>
    public void Write(in RequestedThinking thinking)
    {
        if (!thinking.IsOff && !thinking.IsOn)
            return;
        members.Name("thinking");
        thinking.WriteForClaude(Json, version, request.Thinking!.Include);
    }

    private RequestedThinking RequestNone()
    {
        if (version is { CannotThink: true })
            return default;
        if (version is not { AlwaysThinks: true })
            return new RequestedThinking { IsOff = true };
        Wire.Note(QuirkKind.Adapted, "thinking");
        return new RequestedThinking { Effort = ThinkingEffort.Low, IsImplied = true };
    }

    private ThinkingEffort? Accepted(ThinkingEffort? effort)
    {
        bool isTaken = effort switch
        {
            ThinkingEffort.ExtraHigh => version is { SupportsExtraHighEffort: true },
            ThinkingEffort.Max => version is not { LacksMaxEffort: true },
            _ => true,
        };
        if (isTaken)
            return effort;
        Wire.Note(QuirkKind.Adapted, "output_config.effort");
        return ThinkingEffort.High;
    }

    private int? Accepted(int budget)
    {
        if (version is null)
            return budget;
        return ClaudeVersion.AcceptedBudget(budget, IsInterleaved() ? null : request.MaxTokens);
    }

    // Reasoning between tool calls may take more tokens than the answer's limit.
    private bool IsInterleaved()
    {
        const string Beta = "interleaved-thinking";
        for (int i = 0; i < dialect.Betas.Count; i++)
        {
            if (dialect.Betas[i].Contains(Beta, StringComparison.Ordinal))
                return true;
        }
        if (request.Headers is not { } headers)
            return false;
        foreach (var (name, value) in headers)
        {
            if (MemberWriter.Is(name, "anthropic-beta") && value?.Contains(Beta, StringComparison.Ordinal) == true)
                return true;
        }
        return false;
    }
}
