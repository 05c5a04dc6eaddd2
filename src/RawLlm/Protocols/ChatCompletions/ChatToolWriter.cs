namespace RawLlm.Protocols;

/// <summary>Writes the tools of a chat completions request.</summary>
internal readonly struct ChatToolWriter(
    ChatCompletionsProtocol dialect,
    ChatRequest request,
    MemberWriter members,
    ChatThinkingWriter thinking
)
{
    private JsonWriter Json => members.Json;

    private WireRequest Wire => members.Json.Wire;

    /// <summary>Writes the tools and the tool choice; returns false if the model is offered no tools.</summary>
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
        // If a choice cannot be sent, tools that the model must not call are left out.
        bool canForbid = dialect is { SupportsToolChoice: true, SupportsToolChoiceNone: true };
        bool areShown = tools.Count > 0 && (canForbid || choice is not { Kind: ToolChoiceKind.None });
        if (tools.Count > 0 && !areShown)
        {
            Wire.Note(QuirkKind.Adapted, "tools");
            if (!hasExtraTools)
                return false;
        }
        if (areShown)
        {
            members.Name("tools");
            Json.StartArray();
            var run = new UnkeptTools(tools, Json);
            while (run.MoveNext())
                WriteTool(run.Current);
            members.JoinTools(request);
            Json.EndArray();
        }
        if (choice is not null)
            WriteChoice(choice);
        return true;
    }

    // Nothing stops the model from calling them: the choice "none" is rejected if the service behind the gateway does not know it, such as
    // Bedrock.
    private void WriteToolsOfHistory()
    {
        if (
            dialect.HistoryToolsModels is not { } models
            || request.Model?.Contains(models, StringComparison.OrdinalIgnoreCase) != true
            || !CalledTools.IsAnyIn(request.Messages)
        )
        {
            return;
        }

        var tools = CalledTools.DefineFor(request.Messages, Wire, "tools[].function.name");
        if (tools.Count == 0)
            return;
        Wire.Note(QuirkKind.Adapted, "tools");
        members.Name("tools");
        Json.StartArray();
        foreach (var tool in tools)
            WriteTool(tool);
        Json.EndArray();
    }

    private void WriteTool(ToolDefinition tool)
    {
        Json.StartObject();
        Json.WriteMember("type"u8, "function"u8);
        Json.WriteName("function"u8);
        Json.StartObject();
        Json.WriteMember("name"u8, tool.Name, "tools[].function.name");
        if (tool.Description is { } description)
            Json.WriteMember("description"u8, description, "tools[].function.description");
        Json.WriteName("parameters"u8);
        // Services disagree about a tool without this member; all accept the empty object.
        ToolSchema.Write(Json, tool, isStrict: tool.Strict == true && dialect.SupportsStrict);
        ToolSchema.WriteStrict(Json, tool.Strict, dialect.SupportsStrict, "tools[].function.strict");
        Json.EndObject();
        Json.EndObject();
    }

    private void WriteChoice(ToolChoice choice)
    {
        if (!dialect.SupportsToolChoice || (choice.Kind == ToolChoiceKind.None && !dialect.SupportsToolChoiceNone))
        {
            if (choice.Kind != ToolChoiceKind.Auto)
                Wire.Note(QuirkKind.LeftOut, "tool_choice");
            return;
        }
        if (
            choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named
            && !dialect.SupportsForcedToolCallsWhileThinking
            && thinking.MayHappen
        )
        {
            choice = BesideThinking(choice);
        }

        if (choice.Kind == ToolChoiceKind.Named && dialect.SupportsNamedToolChoice)
        {
            members.Name("tool_choice");
            Json.StartObject();
            Json.WriteMember("type"u8, "function"u8);
            Json.WriteName("function"u8);
            Json.StartObject();
            Json.WriteMember("name"u8, choice.Name!, "tool_choice.function.name");
            Json.EndObject();
            Json.EndObject();
            return;
        }
        if (choice.Kind == ToolChoiceKind.Named)
            Wire.Note(QuirkKind.Adapted, "tool_choice");
        members.Text(
            "tool_choice",
            choice.Kind switch
            {
                ToolChoiceKind.Auto => "auto",
                ToolChoiceKind.None => "none",
                _ => dialect.RequiredToolChoice,
            }
        );
    }

    // "Thinking mode does not support this tool_choice." Kimi since K3, which takes efforts, accepts "required" but no named tool
    // (2026-08).
    private ToolChoice BesideThinking(ToolChoice choice)
    {
        var nearest = thinking.IsAskedByEffort ? ToolChoice.Required : ToolChoice.Auto;
        if (choice.Kind != nearest.Kind)
            Wire.Note(QuirkKind.Adapted, "tool_choice");
        return nearest;
    }
}
