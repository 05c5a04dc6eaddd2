namespace RawLlm.Protocols;

/// <summary>Writes the tools of a request and the tool choice as the <c>toolConfig</c> of the Converse wire.</summary>
/// <remarks>The service requires it if the conversation contains a tool call or a tool result, and has no choice that forbids
/// calls.</remarks>
internal readonly struct ConverseToolWriter(
    ConverseProtocol dialect,
    ConverseModel model,
    ChatRequest request,
    MemberWriter members,
    CacheMarks marks
)
{
    private JsonWriter Json => members.Json;

    private WireRequest Wire => members.Json.Wire;

    /// <summary>Writes the configuration, if the request or the conversation contains tools.</summary>
    /// <param name="thinks">Whether the model is asked to think in the form of Anthropic's models.</param>
    public void Write(bool thinks)
    {
        var tools = request.Tools;
        var choice = request.ToolChoice;
        if (request.ParallelToolCalls is not null)
            Wire.Note(QuirkKind.LeftOut, "toolConfig.parallel");
        if (tools.Count == 0)
        {
            if (request.Extra.ContainsKey("toolConfig"))
                return;
            RequestErrors.CheckChoiceOfNone(choice);
            WriteToolsOfHistory();
            return;
        }
        bool isForbidden = choice is { Kind: ToolChoiceKind.None };
        if (isForbidden && !CalledTools.IsAnyIn(request.Messages))
        {
            Wire.Note(QuirkKind.Adapted, "toolConfig");
            return;
        }
        members.Name("toolConfig");
        Json.StartObject();
        Json.WriteName("tools"u8);
        Json.StartArray();
        var run = new UnkeptTools(tools, Json, marks);
        while (run.MoveNext())
            WriteTool(run.Current, run.IsUnmarked);
        Json.EndArray();
        if (isForbidden)
            Wire.Note(QuirkKind.LeftOut, "toolConfig.toolChoice");
        else if (choice is not null)
            WriteChoice(choice, thinks);
        Json.EndObject();
    }

    private void WriteChoice(ToolChoice choice, bool thinks)
    {
        bool isForced = choice.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named;
        // "This model doesn't support the toolConfig.toolChoice.any field." Some models also reject "auto", which is the default.
        if (!model.SupportsForcedToolCalls)
        {
            if (isForced)
                Wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            return;
        }
        // Anthropic's models: "Thinking may not be enabled when tool_choice forces tool use."
        if (thinks && isForced)
        {
            Wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            choice = ToolChoice.Auto;
        }
        else if (choice.Kind == ToolChoiceKind.Named && !model.SupportsNamedToolCalls)
        {
            Wire.Note(QuirkKind.Adapted, "toolConfig.toolChoice");
            choice = ToolChoice.Required;
        }
        Json.WriteName("toolChoice"u8);
        Json.StartObject();
        Json.WriteName(
            choice.Kind switch
            {
                ToolChoiceKind.Required => "any"u8,
                ToolChoiceKind.Named => "tool"u8,
                _ => "auto"u8,
            }
        );
        Json.StartObject();
        if (choice is { Kind: ToolChoiceKind.Named, Name: { } name })
            Json.WriteMember("name"u8, name, "toolConfig.toolChoice.tool.name");
        Json.EndObject();
        Json.EndObject();
    }

    private void WriteTool(ToolDefinition tool, bool isUnmarked = false)
    {
        Json.StartObject();
        Json.WriteName("toolSpec"u8);
        Json.StartObject();
        Json.WriteMember("name"u8, tool.Name, "toolConfig.tools[].toolSpec.name");
        if (tool.Description is { Length: > 0 } description)
            Json.WriteMember("description"u8, description, "toolConfig.tools[].toolSpec.description");
        Json.WriteName("inputSchema"u8);
        Json.StartObject();
        Json.WriteName("json"u8);
        ToolSchema.Write(Json, tool, isStrict: tool.Strict == true && dialect.SupportsStrict);
        Json.EndObject();
        ToolSchema.WriteStrict(Json, tool.Strict, dialect.SupportsStrict, "toolConfig.tools[].toolSpec.strict");
        Json.EndObject();
        Json.EndObject();
        bool isTaken = !isUnmarked && model is { SupportsCacheMarks: true, SupportsCacheMarksOnTools: true };
        CachePoint.Write(Json, tool.Cache, isTaken, model.SupportsOneHourCacheMarks, "toolConfig.tools[].cachePoint");
    }

    private void WriteToolsOfHistory()
    {
        var tools = CalledTools.DefineFor(request.Messages, Wire, "toolConfig.tools[].toolSpec.name");
        if (tools.Count == 0)
            return;
        Wire.Note(QuirkKind.Adapted, "toolConfig.tools");
        members.Name("toolConfig");
        Json.StartObject();
        Json.WriteName("tools"u8);
        Json.StartArray();
        foreach (var tool in tools)
            WriteTool(tool);
        Json.EndArray();
        Json.EndObject();
    }
}
