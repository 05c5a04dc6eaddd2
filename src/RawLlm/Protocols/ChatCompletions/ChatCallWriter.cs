namespace RawLlm.Protocols;

/// <summary>Writes the tool calls of an answer as the <c>tool_calls</c> of its message.</summary>
internal readonly struct ChatCallWriter(ChatCompletionsProtocol dialect, JsonWriter json, CallNames names, string? foreignSignature)
{
    private const string SignaturePlace = "messages[].tool_calls[].extra_content";

    private ChatOwnData Own => new(dialect, json);

    /// <summary>
    /// Returns the signature that a service and a model require on tool calls that the model did not make; null for none.
    /// </summary>
    // Every Gemini model except 1 and 2, including names without a version, such as gemini-flash-latest.
    public static string? ForeignSignature(ChatCompletionsProtocol dialect, string? model)
    {
        if (dialect.ForeignCallSignature is not { } signature || model is null)
            return null;
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        return
            name.StartsWith("gemini-", StringComparison.OrdinalIgnoreCase)
            && name["gemini-".Length..] is not (['1' or '2'] or ['1' or '2', '.' or '-', ..])
            ? signature
            : null;
    }

    /// <summary>Writes the tool calls among the parts of an answer.</summary>
    public void Write(IReadOnlyList<Part> parts)
    {
        json.WriteName("tool_calls"u8);
        json.StartArray();
        // Only the first call of a turn must be signed.
        bool isSigned = foreignSignature is null || HasSignedCall(parts);
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not ToolCallPart call)
                continue;
            Write(call, isSigned ? null : foreignSignature);
            isSigned = true;
        }
        json.EndArray();
    }

    private bool HasSignedCall(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolCallPart { WireData: { } data } && Own.Is(data) && data.Json.Utf8.IndexOf("\"extra_content\""u8) >= 0)
                return true;
        }
        return false;
    }

    private void Write(ToolCallPart part, string? signature)
    {
        var call = part.Call;
        if (call is null)
            RequestErrors.ThrowNoCall();
        json.StartObject();
        new ChatCallIds(dialect, json).Write("id"u8, call.Id);
        if (Own.IsCustomCall(part.WireData))
        {
            json.WriteMember("type"u8, "custom"u8);
            json.WriteName("custom"u8);
            json.StartObject();
            WriteName(call.Name, "messages[].tool_calls[].custom.name");
            json.WriteMember("input"u8, call.Arguments ?? "", "messages[].tool_calls[].custom.input");
            json.EndObject();
            json.EndObject();
            return;
        }
        json.WriteMember("type"u8, "function"u8);
        json.WriteName("function"u8);
        json.StartObject();
        WriteName(call.Name, "messages[].tool_calls[].function.name");
        json.WriteName("arguments"u8);
        CallArguments.WriteText(json, call.Arguments, "messages[].tool_calls[].function.arguments");
        json.EndObject();
        Own.Write(part.WireData, "messages[].tool_calls[]");
        if (signature is not null)
            WriteSignature(signature);
        json.EndObject();
    }

    private void WriteName(string name, string place) => json.WriteMember("name"u8, names.Of(name, place), place);

    private void WriteSignature(string signature)
    {
        json.Wire.Note(QuirkKind.Adapted, SignaturePlace);
        json.WriteName("extra_content"u8);
        json.StartObject();
        json.WriteName("google"u8);
        json.StartObject();
        json.WriteMember("thought_signature"u8, signature, SignaturePlace);
        json.EndObject();
        json.EndObject();
    }
}
