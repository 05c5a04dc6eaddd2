using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one item of a Responses answer. Any of them may be missing, and they arrive in any order.</summary>
internal ref struct OutputItemFields
{
    public JsonText Type;
    public JsonText Id;
    public JsonText CallId;
    public JsonText Name;
    public JsonText Role;
    public JsonText Status;
    public JsonText Phase;

    /// <summary>Who runs a search for tools: <c>client</c> or <c>server</c>.</summary>
    public JsonText Execution;
    public JsonText Arguments;
    public ReadOnlySpan<byte> ArgumentsValue;
    public ContentList Content;
    public ContentList Summary;

    /// <summary>The results of a search, an array; empty if there are none.</summary>
    public ReadOnlySpan<byte> Results;

    /// <summary>The generated image, its bytes in base64 or its URL; empty if there is none.</summary>
    public JsonText Result;

    /// <summary>The format of the image, as the end of its media type.</summary>
    public JsonText Format;

    /// <summary>The item's exact bytes.</summary>
    public ReadOnlySpan<byte> Raw;

    /// <summary>Whether the service itself runs the calls that it labels as custom tool calls.</summary>
    public bool RunsCustomCalls;

    /// <summary>
    /// Whether this is a tool call in the form of chat completions (Fireworks, 2026), with its name and its arguments in an object.
    /// </summary>
    public bool IsNested;

    public readonly OutputItemKind Kind =>
        IsNested ? OutputItemKind.FunctionCall
        : Type.IsEmpty ? KindWithoutType
        : Type.Is("message"u8) ? KindOfMessage
        : Type.Is("reasoning"u8) ? OutputItemKind.Reasoning
        : Type.Is("function_call"u8) ? OutputItemKind.FunctionCall
        : Type.Is("custom_tool_call"u8) && !RunsCustomCalls ? OutputItemKind.CustomCall
        : OutputItemKind.Opaque;

    /// <summary>Whether this is the result of a tool call.</summary>
    public readonly bool IsResult => Type.Is("function_call_output"u8) || Type.Is("custom_tool_call_output"u8) || Type.Is("tool_output"u8);

    /// <summary>Whether the model waits for the client's answer to this item, unless the service itself answers it.</summary>
    // developers.openai.com/api/docs/guides: tools-computer-use, tools-shell, tools-local-shell, tools-apply-patch, tools-connectors-mcp
    // and tools-tool-search (2026-11).
    public readonly bool AsksClient =>
        Type.Is("computer_call"u8)
        || Type.Is("shell_call"u8)
        || Type.Is("local_shell_call"u8)
        || Type.Is("apply_patch_call"u8)
        || Type.Is("mcp_approval_request"u8)
        || (Type.Is("tool_search_call"u8) && Execution.Is("client"u8));

    /// <summary>Whether this is the answer to such an item, from the service itself.</summary>
    public readonly bool AnswersForClient =>
        Type.Is("computer_call_output"u8)
        || Type.Is("shell_call_output"u8)
        || Type.Is("local_shell_call_output"u8)
        || Type.Is("apply_patch_call_output"u8)
        || Type.Is("tool_search_output"u8);

    /// <summary>Whether this is an image that the service's own tool generated.</summary>
    public readonly bool IsImage => Type.Is("image_generation_call"u8) && !Result.IsEmpty;

    /// <summary>Whether this contains search results of the service's own tools.</summary>
    // Perplexity's agents (2026).
    public readonly bool IsFound => Type.Is("search_results"u8) || Type.Is("fetch_url_results"u8);

    // Fireworks (2026) documents messages without a type.
    private readonly OutputItemKind KindWithoutType =>
        !Role.IsEmpty ? KindOfMessage
        : !Name.IsEmpty && !CallId.IsEmpty ? OutputItemKind.FunctionCall
        : Summary.IsPresent ? OutputItemKind.Reasoning
        : Content.IsPresent ? OutputItemKind.Message
        : OutputItemKind.Unknown;

    // Some services show the messages of the request beside the answer (Fireworks, 2026).
    private readonly OutputItemKind KindOfMessage =>
        Role.Is("user"u8) || Role.Is("system"u8) || Role.Is("developer"u8) || Role.Is("tool"u8)
            ? OutputItemKind.Echo
            : OutputItemKind.Message;

    /// <summary>Reads the item that the reader is on, and moves the reader to its end.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        int start = checked((int)reader.TokenStartIndex);
        var function = new OutputItemFunction();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "type"u8))
                WireJson.TryReadText(ref reader, ref Type, "item.type", events);
            else if (WireJson.Is(ref reader, "id"u8))
                WireJson.ReadIdIfAny(ref reader, ref Id);
            else if (WireJson.Is(ref reader, "call_id"u8))
                WireJson.ReadIdIfAny(ref reader, ref CallId);
            else if (WireJson.Is(ref reader, "tool_call_id"u8) && CallId.IsEmpty)
                WireJson.ReadIdIfAny(ref reader, ref CallId);
            else if (WireJson.Is(ref reader, "name"u8))
                WireJson.ReadIdIfAny(ref reader, ref Name);
            else if (WireJson.Is(ref reader, "role"u8))
                WireJson.ReadTextIfAny(ref reader, ref Role);
            else if (WireJson.Is(ref reader, "status"u8))
                WireJson.ReadTextIfAny(ref reader, ref Status);
            else if (WireJson.Is(ref reader, "phase"u8))
                WireJson.ReadTextIfAny(ref reader, ref Phase);
            else if (WireJson.Is(ref reader, "execution"u8))
                WireJson.ReadTextIfAny(ref reader, ref Execution);
            else if (WireJson.Is(ref reader, "arguments"u8))
                ResponsesEvent.ReadArguments(ref reader, data, ref Arguments, ref ArgumentsValue);
            else if (WireJson.Is(ref reader, "input"u8))
                WireJson.ReadTextIfAny(ref reader, ref Arguments);
            else if (WireJson.Is(ref reader, "content"u8))
                Content.Read(ref reader, data);
            else if (WireJson.Is(ref reader, "summary"u8))
                Summary.Read(ref reader, data);
            else if (WireJson.Is(ref reader, "results"u8) || WireJson.Is(ref reader, "contents"u8))
                ReadResults(ref reader, data);
            else if (WireJson.Is(ref reader, "result"u8))
                WireJson.ReadTextIfAny(ref reader, ref Result);
            else if (WireJson.Is(ref reader, "output_format"u8))
                WireJson.ReadTextIfAny(ref reader, ref Format);
            else if (WireJson.Is(ref reader, "function"u8))
                function.Read(ref reader, data);
            else
                WireJson.SkipValue(ref reader);
        }
        Raw = data[start..checked((int)reader.BytesConsumed)];
        if (!function.Name.IsEmpty && (Type.IsEmpty || Type.Is("tool_call"u8) || Type.Is("function"u8) || Type.Is("function_call"u8)))
            Merge(function);
    }

    private void ReadResults(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        reader.Read();
        bool isList = reader.TokenType == JsonTokenType.StartArray;
        var value = WireJson.SkipRaw(ref reader, data);
        if (isList)
            Results = value;
    }

    private void Merge(OutputItemFunction function)
    {
        IsNested = true;
        if (CallId.IsEmpty)
            CallId = Id;
        if (Name.IsEmpty)
            Name = function.Name;
        if (Arguments.IsEmpty && ArgumentsValue.IsEmpty)
        {
            Arguments = function.Arguments;
            ArgumentsValue = function.ArgumentsValue;
        }
    }
}
