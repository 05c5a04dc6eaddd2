using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes tool calls and their results, which are separate items on the Responses wire.</summary>
internal sealed class ResponsesCallWriter(ResponsesProtocol dialect, JsonWriter json, CallNames names)
{
    private const int MaxIdCharacters = 64;

    /// <summary>The IDs of custom tool calls, whose results have a type of their own.</summary>
    private HashSet<string>? _customCalls;

    private OwnData Own => new(json, dialect.Name);

    /// <summary>Writes a tool call.</summary>
    public void Write(ToolCallPart part)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.ThrowNoCall();
        bool isCustom = IsCustom(part.WireData);
        json.StartObject();
        // Data of the service itself already contains the type.
        if (!isCustom)
            json.WriteMember("type"u8, "function_call"u8);
        else if (!dialect.AcceptsUnknownMembers || !Own.Is(part.WireData))
            json.WriteMember("type"u8, "custom_tool_call"u8);
        WriteId(call.Id);
        json.WriteMember("name"u8, names.Of(call.Name, "input[].name"), "input[].name");
        if (isCustom)
        {
            (_customCalls ??= []).Add(call.Id);
            // Written again each time, so that its result finds it.
            json.Wire.Written?.MarkUnreusable();
            json.WriteMember("input"u8, call.Arguments, "input[].input");
        }
        else
        {
            json.WriteName("arguments"u8);
            CallArguments.WriteText(json, call.Arguments, "input[].arguments");
        }
        if (dialect.AcceptsUnknownMembers)
            Own.WriteMembers(part.WireData, "input[]");
        else
            WriteSignature(part.WireData);
        json.EndObject();
    }

    /// <summary>Writes a result; that of a custom tool is recognized by a call that was written before.</summary>
    public void Write(ToolResultPart result)
    {
        if (result.Content is null)
            RequestErrors.ThrowNoContent();
        json.Wire.Written?.MarkDependent();
        bool isCustom = _customCalls is not null && _customCalls.Contains(result.CallId);
        json.StartObject();
        json.WriteMember("type"u8, isCustom ? "custom_tool_call_output"u8 : "function_call_output"u8);
        WriteId(result.CallId);
        // "required by some providers" (docs.perplexity.ai, 2026)
        if (!dialect.AcceptsUnknownMembers && result.Name is { } name)
            json.WriteMember("name"u8, names.Of(name, "input[].name"), "input[].name");
        json.WriteName("output"u8);
        if (IsText(result.Content) || !dialect.AcceptsUnknownMembers)
        {
            WriteTexts(result.Content);
        }
        else
        {
            json.StartArray();
            for (int i = 0; i < result.Content.Count; i++)
            {
                if (result.Content[i] is OpaquePart opaque)
                    Own.Write(opaque, "input[].output[]");
                else
                    new ResponsesContentWriter(dialect, json).Write(result.Content[i], isResult: true);
            }
            json.EndArray();
        }
        if (dialect.AcceptsUnknownMembers)
            Own.WriteMembers(result.WireData, "input[]");
        else if (result.WireData is not null)
            json.Wire.Note(QuirkKind.LeftOut, "input[]");
        json.EndObject();
    }

    private void WriteTexts(IReadOnlyList<Part> content)
    {
        json.StartText();
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is TextPart text)
                json.AppendText(text.Text, "input[].output");
            else
                json.Wire.Note(QuirkKind.LeftOut, "input[].output[]");
        }
        json.EndText();
    }

    // For models that require their reasoning back, this is all there is of it.
    private void WriteSignature(WireData? data)
    {
        if (!Own.Is(data))
        {
            Own.WriteMembers(data, "input[]");
            return;
        }
        var utf8 = data.Json.Utf8;
        var reader = WireJson.DeepReader(utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            RawMembers.Write(json, ref reader, utf8, isLeftOut: !WireJson.Is(ref reader, "thought_signature"u8));
    }

    private void WriteId(string id)
    {
        if (id is not null && id.Length > MaxIdCharacters)
        {
            json.Wire.Note(QuirkKind.Adapted, "input[].call_id");
            id = CallIds.Replacement(id);
        }
        json.WriteMember("call_id"u8, id!, "input[].call_id");
    }

    private static bool IsText(IReadOnlyList<Part> content)
    {
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is not TextPart)
                return false;
        }
        return true;
    }

    // The type says what was called, and so applies whichever service sent it.
    private bool IsCustom(WireData? data)
    {
        if (data is null || data.Protocol != dialect.Name)
            return false;
        var reader = WireJson.DeepReader(data.Json.Utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Is(ref reader, "type"u8);
            reader.Read();
            if (isType)
                return reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "custom_tool_call"u8);
            reader.Skip();
        }
        return false;
    }
}
