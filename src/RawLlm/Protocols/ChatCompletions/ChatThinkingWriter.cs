namespace RawLlm.Protocols;

/// <summary>Writes the thinking settings in the form that a chat completions service and its model expect.</summary>
internal readonly struct ChatThinkingWriter(ChatCompletionsProtocol dialect, ChatRequest request, MemberWriter members)
{
    private const string EffortName = "reasoning_effort";

    private JsonWriter Json => members.Json;

    private WireRequest Wire => members.Json.Wire;

    /// <summary>
    /// Whether the model may think. False if the request sets <c>thinking</c> as an extra member: its author knows what the service accepts
    /// with it.
    /// </summary>
    public bool MayHappen =>
        !request.Extra.ContainsKey("thinking")
        && (
            request.Thinking?.Effort != ThinkingEffort.None
            || dialect.ThinkingStyle == ThinkingStyle.ThinkingObject && Switch != ThinkingSwitch.Object
        );

    /// <summary>Whether the model takes an effort on a service where most models have a switch.</summary>
    public bool IsAskedByEffort => dialect.ThinkingStyle == ThinkingStyle.ThinkingObject && Switch == ThinkingSwitch.Effort;

    // Most models have a switch, some take an effort, and some cannot be asked ("only type=enabled is allowed for this model", 2026-06).
    private ThinkingSwitch Switch => SwitchOf(dialect, request);

    /// <summary>Returns how a model is asked to think on a service where most models have a switch.</summary>
    public static ThinkingSwitch SwitchOf(ChatCompletionsProtocol dialect, ChatRequest request) =>
        ModelPatterns.FindEfforts(dialect.EffortsByModel, request.Model) switch
        {
            "" or "switch" => ThinkingSwitch.Object,
            "-" => ThinkingSwitch.Nothing,
            _ => ThinkingSwitch.Effort,
        };

    /// <summary>
    /// Returns the effort that the request sends, empty for an extra member other than <c>none</c>; null if it sends no effort.
    /// </summary>
    public string? SentEffort()
    {
        if (request.Extra.TryGetValue(EffortName, out var own))
            return own.Utf8.SequenceEqual("\"none\""u8) ? "none" : "";
        return Effort(EffortScale.RequestedEffort(request.Thinking), out _);
    }

    /// <summary>Writes the settings.</summary>
    public void Write()
    {
        if (request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
        {
            if (dialect.ThinkingStyle == ThinkingStyle.ReasoningEffort && !request.Extra.ContainsKey(EffortName))
                WriteEffort(asked: null);
            return;
        }
        switch (dialect.ThinkingStyle)
        {
            case ThinkingStyle.None:
                Wire.Note(QuirkKind.LeftOut, "thinking");
                return;
            case ThinkingStyle.ReasoningObject:
                WriteReasoningObject(thinking);
                return;
            case ThinkingStyle.ReasoningEffort:
                WriteEffort(thinking);
                break;
            case ThinkingStyle.EffortSwitch:
                if (IsOn(thinking, ThinkingEffort.High) is { } isHigh)
                    members.Text(EffortName, isHigh ? "high" : "none");
                break;
            case ThinkingStyle.ThinkingObject or ThinkingStyle.EnableThinking when Switch == ThinkingSwitch.Effort:
                WriteEffort(thinking);
                break;
            case ThinkingStyle.ThinkingObject or ThinkingStyle.EnableThinking when Switch == ThinkingSwitch.Nothing:
                Wire.Note(QuirkKind.LeftOut, "thinking");
                return;
            case ThinkingStyle.ThinkingObject:
                WriteThinkingObject(IsOn(thinking, ThinkingEffort.Medium));
                break;
            case ThinkingStyle.ThinkingObjectAndEffort:
                bool isOff = thinking.Effort == ThinkingEffort.None;
                WriteThinkingObject(thinking is { Effort: null, BudgetTokens: null } ? null : !isOff);
                if (!isOff)
                    WriteEffort(thinking);
                break;
            case ThinkingStyle.TemplateArguments when Switch == ThinkingSwitch.Effort:
                WriteTemplateEffort(thinking);
                break;
            case ThinkingStyle.TemplateArguments when Switch == ThinkingSwitch.Nothing:
                if (thinking is not { Effort: null, BudgetTokens: null })
                    Wire.Note(QuirkKind.LeftOut, "thinking");
                break;
            case ThinkingStyle.TemplateArguments:
                WriteTemplateSwitch(IsOn(thinking, ThinkingEffort.Medium));
                break;
            case ThinkingStyle.EnableThinking:
                WriteEnableThinking(thinking);
                break;
            default:
                RequestErrors.Throw($"The thinking style {dialect.ThinkingStyle.ToString()} is not known.");
                break;
        }
        WriteInclude(thinking.Include);
    }

    /// <summary>Returns on or off, for services that know nothing else; null if the request asks for neither.</summary>
    /// <param name="thinking">The requested settings.</param>
    /// <param name="on">The effort that "on" stands for; any other is recorded as adapted.</param>
    private bool? IsOn(Thinking thinking, ThinkingEffort on)
    {
        if (thinking.Effort == ThinkingEffort.None)
            return false;
        if (thinking is { Effort: null, BudgetTokens: null })
            return null;
        if (thinking.Effort != on || thinking.BudgetTokens is not null)
            Wire.Note(QuirkKind.Adapted, "thinking");
        return true;
    }

    private void WriteThinkingObject(bool? isOn)
    {
        if (isOn is not { } value)
            return;
        members.Name("thinking");
        Json.StartObject();
        Json.WriteMember("type"u8, value ? "enabled"u8 : "disabled"u8);
        Json.EndObject();
    }

    private void WriteEnableThinking(Thinking thinking)
    {
        if (thinking is { Effort: null, BudgetTokens: null })
            return;
        bool isOn = thinking.Effort != ThinkingEffort.None && thinking.BudgetTokens is null or > 0;
        members.Boolean("enable_thinking", isOn);
        if (isOn && thinking.BudgetTokens is { } budget)
            members.Number("thinking_budget", budget);
        else if (isOn && thinking.Effort != ThinkingEffort.Medium)
            Wire.Note(QuirkKind.Adapted, "thinking");
    }

    private void WriteTemplateSwitch(bool? isOn)
    {
        if (isOn is not { } value)
            return;
        members.Name("chat_template_kwargs");
        Json.StartObject();
        Json.WriteMember("enable_thinking"u8, value);
        Json.EndObject();
    }

    // If the model has its own format, the member counts (vLLM, SGLang), otherwise the template argument: llama.cpp ignored the member
    // before b10434 (2026-08).
    private void WriteTemplateEffort(Thinking thinking)
    {
        if (WriteEffort(thinking) is not { } word)
            return;
        members.Name("chat_template_kwargs");
        Json.StartObject();
        Json.WriteMember("reasoning_effort"u8, word, "chat_template_kwargs.reasoning_effort");
        Json.EndObject();
    }

    // Returns the effort that was written, if any.
    private string? WriteEffort(Thinking thinking)
    {
        if (thinking.BudgetTokens is not null)
            Wire.Note(thinking.Effort is null ? QuirkKind.Adapted : QuirkKind.LeftOut, "thinking.budget_tokens");
        return WriteEffort(EffortScale.RequestedEffort(thinking));
    }

    private string? WriteEffort(ThinkingEffort? asked)
    {
        string? word = Effort(asked, out var quirk);
        if (quirk != QuirkKind.None)
            Wire.Note(quirk, EffortName);
        if (word is not null)
            members.Text(EffortName, word);
        return word;
    }

    private bool HasTools => request.Tools.Count > 0 || MemberWriter.HasTools(request);

    /// <summary>Returns the word to send for an effort, or null for none, and the quirk to record.</summary>
    private string? Effort(ThinkingEffort? asked, out QuirkKind quirk)
    {
        quirk = QuirkKind.None;
        var besideTools = HasTools ? ModelPatterns.Find(dialect.EffortsBesideTools, request.Model) : default;
        if (asked is not { } effort)
        {
            // The model rejects its own default effort as well.
            if (besideTools is not "none")
                return null;
            quirk = QuirkKind.Adapted;
            return "none";
        }
        string? word = ModelPatterns.Nearest(
            besideTools.IsEmpty ? ModelPatterns.FindEfforts(dialect.EffortsByModel, request.Model) : besideTools,
            effort,
            out bool isSame
        );
        quirk =
            word is null ? QuirkKind.LeftOut
            : isSame ? QuirkKind.None
            : QuirkKind.Adapted;
        return word;
    }

    private void WriteReasoningObject(Thinking thinking)
    {
        members.Name("reasoning");
        Json.StartObject();
        if (
            thinking.Effort == ThinkingEffort.None
            && ModelPatterns.Find(dialect.MinEffortByModel, request.Model) is { IsEmpty: false } minEffort
        )
        {
            Wire.Note(QuirkKind.Adapted, "reasoning.enabled");
            Json.WriteMember("effort"u8, minEffort.ToString(), "reasoning.effort");
        }
        else if (thinking.Effort == ThinkingEffort.None)
        {
            Json.WriteMember("enabled"u8, false);
        }
        else if (thinking.BudgetTokens is { } budget)
        {
            // The wire accepts one or the other; the number is more precise.
            if (thinking.Effort is not null)
                Wire.Note(QuirkKind.LeftOut, "reasoning.effort");
            Json.WriteName("max_tokens"u8);
            Json.WriteNumber(budget);
        }
        else if (thinking.Effort is { } effort)
        {
            Json.WriteMember("effort"u8, EffortScale.Word(effort), "reasoning.effort");
        }
        if (thinking.Include is { } include)
            Json.WriteMember("exclude"u8, !include);
        Json.EndObject();
    }

    private void WriteInclude(bool? include)
    {
        if (include is not { } value)
            return;
        if (dialect.IncludeReasoningName is { } name)
            members.Boolean(name, value);
        else
            Wire.Note(QuirkKind.LeftOut, "thinking.include");
    }
}
