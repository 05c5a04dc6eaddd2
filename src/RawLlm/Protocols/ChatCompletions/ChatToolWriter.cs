namespace RawLlm.Protocols;

/// <summary>Writes the functions of a request of chat completions.</summary>
internal readonly struct ChatToolWriter(ChatCompletionsProtocol dialect, ChatRequest request, WireRequest wire, JsonWriter json, MemberWriter members, ChatThinkingWriter thinking)
{
    /// <summary>Writes them, and how they may be called; false when the model is offered none.</summary>
    public bool Write()
    {
        var tools = request.Tools;
        var choice = request.ToolChoice;
        bool hasExtraTools = MemberWriter.HasTools(request);
        if (tools.Count == 0 && !hasExtraTools)
        {
            RequestErrors.CheckChoiceOfNone(choice);
            WriteToolsOfHistory();
            return false;
        }
        // Where a choice cannot be sent, functions that the model may not call are not shown to it.
        bool areShown = tools.Count > 0 && !(choice is { Kind: ToolChoiceKind.None } && !dialect.TakesToolChoice);
        if (tools.Count > 0 && !areShown)
        {
            wire.Note(QuirkKind.Adapted, "tools");
            if (!hasExtraTools)
                return false;
        }
        if (areShown)
        {
            members.Name("tools");
            json.StartArray();
            var run = new ToolRun(tools, json);
            while (run.MoveNext())
                WriteTool(run.Current);
            members.JoinTools(request);
            json.EndArray();
        }
        if (choice is not null)
            WriteChoice(choice);
        return true;
    }

    // Nothing keeps the model from calling them: a choice of none is refused where the gateway's service knows none, such as Bedrock.
    private void WriteToolsOfHistory()
    {
        if (dialect.HistoryToolsModels is not { } models || request.Model?.Contains(models, StringComparison.OrdinalIgnoreCase) != true || !CalledFunctions.IsAnyIn(request.Messages))
            return;
        var tools = CalledFunctions.DefineFor(request.Messages, wire, "tools[].function.name");
        if (tools.Count == 0)
            return;
        wire.Note(QuirkKind.Adapted, "tools");
        members.Name("tools");
        json.StartArray();
        foreach (var tool in tools)
            WriteTool(tool);
        json.EndArray();
    }

    private void WriteTool(ToolDefinition tool)
    {
        json.StartObject();
        json.WriteMember("type"u8, "function"u8);
        json.WriteName("function"u8);
        json.StartObject();
        json.WriteMember("name"u8, tool.Name, "tools[].function.name");
        if (tool.Description is { } description)
            json.WriteMember("description"u8, description, "tools[].function.description");
        json.WriteName("parameters"u8);
        // Services differ over a function without this member; all take the empty object.
        FunctionSchema.Write(json, tool, isStrict: tool.Strict == true && dialect.TakesStrict);
        FunctionSchema.WriteStrict(json, wire, tool.Strict, dialect.TakesStrict, "tools[].function.strict");
        json.EndObject();
        json.EndObject();
    }

    private void WriteChoice(ToolChoice choice)
    {
        if (!dialect.TakesToolChoice)
        {
            if (choice.Kind != ToolChoiceKind.Auto)
                wire.Note(QuirkKind.LeftOut, "tool_choice");
            return;
        }
        if (choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named && !dialect.TakesForcedCallsWhileThinking && thinking.MayHappen)
            choice = BesideThinking(choice);
        if (choice.Kind == ToolChoiceKind.Named && dialect.TakesNamedToolChoice)
        {
            members.Name("tool_choice");
            json.StartObject();
            json.WriteMember("type"u8, "function"u8);
            json.WriteName("function"u8);
            json.StartObject();
            json.WriteMember("name"u8, choice.Name!, "tool_choice.function.name");
            json.EndObject();
            json.EndObject();
            return;
        }
        if (choice.Kind == ToolChoiceKind.Named)
            wire.Note(QuirkKind.Adapted, "tool_choice");
        members.Text("tool_choice", choice.Kind switch
        {
            ToolChoiceKind.Auto => "auto",
            ToolChoiceKind.None => "none",
            _ => dialect.RequiredToolChoice,
        });
    }

    // "Thinking mode does not support this tool_choice." Kimi since K3, which has efforts, takes "required", but no named function (2026-08).
    private ToolChoice BesideThinking(ToolChoice choice)
    {
        var nearest = thinking.IsAskedByEffort ? ToolChoice.Required : ToolChoice.Auto;
        if (choice.Kind != nearest.Kind)
            wire.Note(QuirkKind.Adapted, "tool_choice");
        return nearest;
    }
}
