namespace RawLlm.Protocols;

/// <summary>Writes the tools of a request for the Messages wire.</summary>
internal readonly struct AnthropicToolWriter(
    AnthropicProtocol dialect,
    ClaudeVersion? version,
    ChatRequest request,
    MemberWriter members,
    CacheMarks marks
)
{
    private JsonWriter Json => members.Json;

    private WireRequest Wire => members.Json.Wire;

    /// <summary>Writes the tools and the tool choice.</summary>
    /// <param name="thinks">Whether the request turns thinking on.</param>
    public void Write(bool thinks)
    {
        var tools = request.Tools;
        var choice = request.ToolChoice;
        bool hasTools = tools.Count + dialect.ServerTools.Count > 0 || MemberWriter.HasTools(request);
        if (hasTools)
        {
            members.Name("tools");
            Json.StartArray();
            var run = new UnkeptTools(tools, Json, marks);
            while (run.MoveNext())
                WriteTool(run.Current, run.IsUnmarked);
            for (int i = 0; i < dialect.ServerTools.Count; i++)
                Json.WriteRaw(dialect.ServerTools[i]);
            members.JoinTools(request);
            Json.EndArray();
        }
        else
        {
            RequestErrors.CheckChoiceOfNone(choice);
            WriteToolsOfHistory();
            return;
        }
        // "Thinking may not be enabled when tool_choice forces tool use."; some models reject forced calls even without thinking.
        if (
            (thinks || version is { SupportsForcedToolCalls: false }) && choice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Named }
        )
        {
            Wire.Note(QuirkKind.Adapted, "tool_choice");
            choice = ToolChoice.Auto;
        }
        if (choice is null && request.ParallelToolCalls is null)
            return;
        members.Name("tool_choice");
        Json.StartObject();
        Json.WriteMember(
            "type"u8,
            choice?.Kind switch
            {
                ToolChoiceKind.None => "none"u8,
                ToolChoiceKind.Required => "any"u8,
                ToolChoiceKind.Named => "tool"u8,
                _ => "auto"u8,
            }
        );
        if (choice is { Kind: ToolChoiceKind.Named, Name: { } name })
            Json.WriteMember("name"u8, name, "tool_choice.name");
        if (request.ParallelToolCalls is { } parallel && choice is not { Kind: ToolChoiceKind.None })
            Json.WriteMember("disable_parallel_tool_use"u8, !parallel);
        Json.EndObject();
    }

    // The service requires tools if the conversation contains a tool call or a tool result; the tool choice keeps the model from calling
    // them.
    private void WriteToolsOfHistory()
    {
        var tools = CalledTools.DefineFor(request.Messages, Wire, "tools[].name");
        if (tools.Count == 0)
            return;
        Wire.Note(QuirkKind.Adapted, "tools");
        members.Name("tools");
        Json.StartArray();
        foreach (var tool in tools)
            WriteTool(tool);
        Json.EndArray();
        if (request.Extra.ContainsKey("tool_choice"))
            return;
        members.Name("tool_choice");
        Json.StartObject();
        Json.WriteMember("type"u8, "none"u8);
        Json.EndObject();
    }

    private void WriteTool(ToolDefinition tool, bool isUnmarked = false)
    {
        Json.StartObject();
        Json.WriteMember("name"u8, tool.Name, "tools[].name");
        if (tool.Description is { } description)
            Json.WriteMember("description"u8, description, "tools[].description");
        Json.WriteName("input_schema"u8);
        ToolSchema.Write(Json, tool, isStrict: tool.Strict == true && dialect.SupportsStrict);
        ToolSchema.WriteStrict(Json, tool.Strict, dialect.SupportsStrict, "tools[].strict");
        CacheControl.Write(Json, tool.Cache, isTaken: !isUnmarked && dialect.SupportsCacheMarks, "tools[].cache_control");
        Json.EndObject();
    }
}
