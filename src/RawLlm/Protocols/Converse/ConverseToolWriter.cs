namespace RawLlm.Protocols;

/// <summary>Writes the functions of a request, and how they may be called, as the <c>toolConfig</c> of the Converse wire.</summary>
/// <remarks>The service demands it where the conversation holds a call or a result, and has no word for "call nothing".</remarks>
internal readonly struct ConverseToolWriter(ConverseProtocol dialect, ConverseModel model, ChatRequest request, WireRequest wire, JsonWriter json, MemberWriter members, CacheMarks marks)
{
    /// <summary>Writes it, if anything is to be said of functions.</summary>
    /// <param name="thinks">Whether the model is to think as Anthropic's models do.</param>
    public void Write(bool thinks)
    {
        var tools = request.Tools;
        var choice = request.ToolChoice;
        if (request.ParallelToolCalls is not null)
            wire.Note(QuirkKind.LeftOut, "toolConfig.parallel");
        if (tools.Count == 0)
        {
            if (request.Extra.ContainsKey("toolConfig"))
                return;
            RequestErrors.CheckChoiceOfNone(choice);
            WriteToolsOfHistory();
            return;
        }
        bool isForbidden = choice is { Kind: ToolChoiceKind.None };
        if (isForbidden && !CalledFunctions.IsAnyIn(request.Messages))
        {
            wire.Note(QuirkKind.Adapted, "toolConfig");
            return;
        }
        members.Name("toolConfig");
        json.StartObject();
        json.WriteName("tools"u8);
        json.StartArray();
        var run = new ToolRun(tools, json, marks);
        while (run.MoveNext())
            WriteTool(run.Current, run.IsUnmarked);
        json.EndArray();
        if (isForbidden)
            wire.Note(QuirkKind.LeftOut, "toolConfig.toolChoice");
        else if (choice is not null)
            WriteChoice(choice, thinks);
        json.EndObject();
    }

    private void WriteChoice(ToolChoice choice, bool thinks)
    {
        bool isForced = choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named;
        // "This model doesn't support the toolConfig.toolChoice.any field." Some refuse "auto" as well, which is what holds without a word.
        if (!model.TakesForcedCalls)
        {
            if (isForced)
                wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            return;
        }
        // Anthropic's models: "Thinking may not be enabled when tool_choice forces tool use."
        if (thinks && isForced)
        {
            wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            choice = ToolChoice.Auto;
        }
        else if (choice.Kind == ToolChoiceKind.Named && !model.TakesNamedCalls)
        {
            wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            choice = ToolChoice.Required;
        }
        json.WriteName("toolChoice"u8);
        json.StartObject();
        json.WriteName(choice.Kind switch
        {
            ToolChoiceKind.Required => "any"u8,
            ToolChoiceKind.Named => "tool"u8,
            _ => "auto"u8,
        });
        json.StartObject();
        if (choice is { Kind: ToolChoiceKind.Named, Name: { } name })
            json.WriteMember("name"u8, name, "toolConfig.toolChoice.tool.name");
        json.EndObject();
        json.EndObject();
    }

    private void WriteTool(ToolDefinition tool, bool isUnmarked = false)
    {
        json.StartObject();
        json.WriteName("toolSpec"u8);
        json.StartObject();
        json.WriteMember("name"u8, tool.Name, "toolConfig.tools[].toolSpec.name");
        if (tool.Description is { Length: > 0 } description)
            json.WriteMember("description"u8, description, "toolConfig.tools[].toolSpec.description");
        json.WriteName("inputSchema"u8);
        json.StartObject();
        json.WriteName("json"u8);
        FunctionSchema.Write(json, tool, isStrict: tool.Strict == true && dialect.TakesStrict);
        json.EndObject();
        FunctionSchema.WriteStrict(json, wire, tool.Strict, dialect.TakesStrict, "toolConfig.tools[].toolSpec.strict");
        json.EndObject();
        json.EndObject();
        bool isTaken = !isUnmarked && model is { TakesCacheMarks: true, TakesCacheMarksOnTools: true };
        CachePoint.Write(json, wire, tool.Cache, isTaken, model.TakesHourOfCache, "toolConfig.tools[].cachePoint");
    }

    private void WriteToolsOfHistory()
    {
        var tools = CalledFunctions.DefineFor(request.Messages, wire, "toolConfig.tools[].toolSpec.name");
        if (tools.Count == 0)
            return;
        wire.Note(QuirkKind.Adapted, "toolConfig.tools");
        members.Name("toolConfig");
        json.StartObject();
        json.WriteName("tools"u8);
        json.StartArray();
        foreach (var tool in tools)
            WriteTool(tool);
        json.EndArray();
        json.EndObject();
    }
}
