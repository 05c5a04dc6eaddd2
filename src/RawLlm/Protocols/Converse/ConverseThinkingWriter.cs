using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// Writes the thinking settings. On the Converse wire they are among the additional fields of the model, in a different form for each
/// vendor.
/// </summary>
internal readonly struct ConverseThinkingWriter(
    ConverseModel model,
    ClaudeVersion? version,
    ChatRequest request,
    MessageTurns turns,
    MemberWriter members
)
{
    /// <summary>The name of the member that contains them.</summary>
    public const string Member = "additionalModelRequestFields";

    private JsonWriter Json => members.Json;

    private WireRequest Wire => members.Json.Wire;

    /// <summary>Reads what the request asks for, and records what is not sent.</summary>
    public RequestedThinking Read()
    {
        if (request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
            return default;
        if (model.Thinking == ConverseThinking.None)
        {
            Wire.Note(QuirkKind.LeftOut, "thinking");
            return default;
        }
        bool isObject = model.HasThinkingObject;
        bool isReasoning = model.Thinking == ConverseThinking.ReasoningObject;
        if (
            thinking.Include is not null
            && ((!isObject && !isReasoning) || thinking is { Effort: null or ThinkingEffort.None, BudgetTokens: null })
        )
        {
            Wire.Note(QuirkKind.LeftOut, "thinking.display");
        }

        if (thinking.Effort == ThinkingEffort.None)
            return isObject ? RequestNone() : new RequestedThinking { IsOff = !model.ThinksOnlyIfAsked };
        if (thinking is { Effort: null, BudgetTokens: null })
            return default;
        if (isObject && version is { CannotThink: true })
        {
            Wire.Note(QuirkKind.LeftOut, "thinking");
            return default;
        }
        bool isBudget =
            model.Thinking == ConverseThinking.ThinkingBudget
            || (
                model.Thinking == ConverseThinking.ThinkingObject
                && (
                    version is { SupportsOnlyBudget: true }
                    || (thinking.BudgetTokens is not null && version is not { SupportsOnlyEffort: true })
                )
            );
        if (isBudget)
        {
            int? budget =
                thinking.BudgetTokens is not { } asked ? EffortScale.Budget(thinking.Effort!.Value, request.MaxTokens)
                : version is null ? asked
                : ClaudeVersion.AcceptedBudget(asked, IsInterleaved ? null : request.MaxTokens);
            if (budget is null || turns.EndInCallsWithoutReasoning(request.Messages))
            {
                Wire.Note(QuirkKind.LeftOut, "thinking");
                return default;
            }
            if (thinking.BudgetTokens != budget)
                Wire.Note(QuirkKind.Adapted, "thinking.budget_tokens");
            if (thinking is { Effort: not null, BudgetTokens: not null })
                Wire.Note(QuirkKind.LeftOut, "thinking.effort");
            return new RequestedThinking { Budget = budget };
        }
        var effort = thinking.Effort ?? EffortScale.EffortOf(thinking.BudgetTokens!.Value);
        bool isTooMuch =
            effort > ThinkingEffort.High
            && !isReasoning
            && (!isObject || (effort == ThinkingEffort.ExtraHigh && version is not { SupportsExtraHighEffort: true }));
        if (thinking.BudgetTokens is not null || effort == ThinkingEffort.Minimal || isTooMuch)
            Wire.Note(QuirkKind.Adapted, "thinking.effort");
        return new RequestedThinking { Effort = isTooMuch ? ThinkingEffort.High : effort };
    }

    // Models that do not know the member reject it: "extraneous key is not permitted" (Nova).
    private RequestedThinking RequestNone()
    {
        if (version is { CannotThink: true })
            return default;
        if (version is { AlwaysThinks: true })
        {
            Wire.Note(QuirkKind.Adapted, "thinking");
            return new RequestedThinking { Effort = ThinkingEffort.Low, IsImplied = true };
        }
        bool isClaude = request.Model?.Contains("claude", StringComparison.OrdinalIgnoreCase) == true;
        if (isClaude || model.Thinking == ConverseThinking.ThinkingBudget)
            return new RequestedThinking { IsOff = true };
        Wire.Note(QuirkKind.LeftOut, "thinking");
        return default;
    }

    // Reasoning between tool calls may take more tokens than the answer's limit.
    private bool IsInterleaved => request.Extra.TryGetValue(Member, out var extra) && extra.Utf8.IndexOf("interleaved-thinking"u8) >= 0;

    /// <summary>Writes the member, if it has any content.</summary>
    public void Write(in RequestedThinking thinking)
    {
        bool hasExtra = request.Extra.TryGetValue(Member, out var extra);
        if (!thinking.IsAny && !hasExtra)
            return;
        if (hasExtra && !extra.Utf8.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
            RequestErrors.Throw($"The extra member '{Member}' must be a JSON object.");
        if (hasExtra && thinking.IsAny && Repeats(extra))
            RequestErrors.Throw($"The extra member '{Member}' repeats what ChatRequest.Thinking sets. Remove one of them.");
        members.Name(Member);
        Json.StartObject();
        switch (model.Thinking)
        {
            case ConverseThinking.ThinkingObject or ConverseThinking.ThinkingBudget:
                WriteThinkingObject(thinking);
                break;
            case ConverseThinking.ReasoningConfig when thinking.IsOff || thinking.Effort is not null:
                Json.WriteName("reasoningConfig"u8);
                Json.StartObject();
                Json.WriteMember("type"u8, thinking.IsOff ? "disabled"u8 : "enabled"u8);
                if (thinking.Effort is { } maxEffort)
                    Json.WriteMember("maxReasoningEffort"u8, EffortScale.ShortWord(maxEffort, goesAboveHigh: false));
                Json.EndObject();
                break;
            case ConverseThinking.ReasoningObject when thinking.IsAny:
                Json.WriteName("reasoning"u8);
                Json.StartObject();
                Json.WriteMember("effort"u8, thinking.Effort is { } step ? EffortScale.ShortWord(step, goesAboveHigh: true) : "none"u8);
                if (!thinking.IsOff && request.Thinking!.Include == true)
                    Json.WriteMember("summary"u8, "auto"u8);
                Json.EndObject();
                break;
            case ConverseThinking.ReasoningEffort when thinking.IsOff:
                // Thinking cannot be turned off in the models that accept this word; "low" is the minimum.
                Wire.Note(QuirkKind.Adapted, "reasoning_effort");
                Json.WriteMember("reasoning_effort"u8, "low"u8);
                break;
            case ConverseThinking.ReasoningEffort when thinking.Effort is { } effort:
                Json.WriteMember("reasoning_effort"u8, EffortScale.ShortWord(effort, goesAboveHigh: false));
                break;
        }
        if (hasExtra)
            Json.WriteMembers(extra);
        Json.EndObject();
    }

    private void WriteThinkingObject(in RequestedThinking thinking)
    {
        if (!thinking.IsAny)
            return;
        if (!thinking.IsImplied)
        {
            Json.WriteName("thinking"u8);
            thinking.WriteForClaude(Json, version, request.Thinking!.Include);
        }
        if (thinking.Effort is { } effort)
        {
            Json.WriteName("output_config"u8);
            Json.StartObject();
            Json.WriteMember("effort"u8, EffortScale.ShortWord(effort, goesAboveHigh: true));
            Json.EndObject();
        }
    }

    private bool Repeats(RawJson extra)
    {
        string[] own = model.Thinking switch
        {
            ConverseThinking.ReasoningConfig => ["reasoningConfig"],
            ConverseThinking.ReasoningEffort => ["reasoning_effort"],
            ConverseThinking.ReasoningObject => ["reasoning"],
            _ => ["thinking", "output_config"],
        };
        var reader = WireJson.DeepReader(extra.Utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Array.IndexOf(own, Encoding.UTF8.GetString(WireJson.Name(ref reader))) >= 0)
                return true;
            reader.Read();
            reader.Skip();
        }
        return false;
    }
}
