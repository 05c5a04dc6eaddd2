using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reads the tool calls in a message or delta, in the forms that services write.</summary>
internal static class ToolCallReader
{
    /// <summary>Reads the list of tool calls, or the single call instead of a list, and adds them to the choice.</summary>
    public static void Read(ReadOnlySpan<byte> calls, ChoiceState choice, bool isWhole, EventBuffer events)
    {
        var reader = WireJson.Reader(calls, events.Options);
        reader.Read();
        var entry = new ToolCallDelta { IsWhole = isWhole, ListStart = choice.CallCount };
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadCall(ref reader, calls, position: 0, choice, entry, events);
            return;
        }
        for (int position = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; position++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                WireJson.SkipUnexpected(ref reader, "choices[].delta.tool_calls[]", events);
                continue;
            }
            ReadCall(ref reader, calls, position, choice, entry, events);
        }
    }

    /// <summary>Reads the single call of the form that preceded the list.</summary>
    public static void ReadLegacy(ReadOnlySpan<byte> function, ChoiceState choice, bool isWhole, EventBuffer events)
    {
        events.Note(QuirkKind.LegacyFunctionCall, "choices[].delta.function_call");
        var reader = WireJson.Reader(function, events.Options);
        reader.Read();
        var call = new ToolCallDelta { Index = 0, IsWhole = isWhole };
        ReadFunction(ref reader, function, ref call, events);
        choice.AddCall(call, events);
    }

    private static void ReadCall(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> data,
        int position,
        ChoiceState choice,
        in ToolCallDelta entry,
        EventBuffer events
    )
    {
        ToolCallFields fields = default;
        fields.Call = entry;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("index"u8))
            {
                reader.Read();
                ReadIndex(ref reader, ref fields.Call, events);
            }
            else if (name.SequenceEqual("id"u8))
            {
                reader.Read();
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
                    fields.Call.Id = JsonText.Read(ref reader).Plain();
                if (reader.TokenType != JsonTokenType.String)
                    WireJson.SkipUnexpected(ref reader, "tool_calls[].id", events);
            }
            else if (name.SequenceEqual("function"u8) || name.SequenceEqual("custom"u8))
            {
                bool isCustom = name.SequenceEqual("custom"u8);
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    fields.HasFunction = true;
                    fields.Call.IsCustom |= isCustom;
                    ReadFunction(ref reader, data, ref fields.Call, events);
                }
                else
                {
                    WireJson.SkipUnexpected(ref reader, "tool_calls[].function", events);
                }
            }
            else if (name.SequenceEqual("type"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    fields.Type = JsonText.Read(ref reader);
                fields.Call.IsCustom |= fields.Type.Is("custom"u8);
                reader.Skip();
            }
            else if (name.SequenceEqual("extra_content"u8))
            {
                // Gemini's compatible endpoint (2025): contains the thought signature, which must go back with the call.
                reader.Read();
                fields.Extra = WireJson.SkipRaw(ref reader, data);
            }
            else if (name.SequenceEqual("thought_signature"u8))
            {
                // Venice (2026): for the same purpose.
                reader.Read();
                fields.Signature = reader.TokenType == JsonTokenType.String ? WireJson.SkipRaw(ref reader, data) : default;
                reader.Skip();
            }
            else if (!fields.HasFunction && TryReadFunctionMember(ref reader, name, data, ref fields.Call, events))
            {
                // Some gateways omit the object around these members; if it does arrive, it wins.
                fields.IsFlat = true;
            }
            else
            {
                events.Ignore(ref reader);
            }
        }
        Emit(ref fields, ref reader, position, choice, events);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Emit(
        ref ToolCallFields fields,
        scoped ref Utf8JsonReader reader,
        int position,
        ChoiceState choice,
        EventBuffer events
    )
    {
        // MiniMax and GLM (2025): the service's own search. GLM (2026): its other tools, and those of the servers that it calls. It has
        // already run them, so the caller has nothing to do.
        if (fields.Type.Is("web_search"u8) || (!fields.HasFunction && !fields.IsFlat && IsOfService(fields.Type)))
        {
            events.Add(StreamEventKind.Other, choice.Index, 0, name: StringCache.Get(fields.Type));
            return;
        }
        if (fields.IsFlat && !fields.HasFunction)
            events.Note(QuirkKind.UnexpectedType, "tool_calls[].function");
        if (fields.Call.Index < 0 && (position > 0 || !IsLast(reader)))
            fields.Call.Position = position;
        int part = choice.AddCall(fields.Call, events);
        if (part >= 0 && !(WireJson.IsNothing(fields.Extra) && WireJson.IsNothing(fields.Signature)))
            events.Add(StreamEventKind.WireData, choice.Index, part, Returned(fields.Extra, fields.Signature), name: "chat-completions");
    }

    // A call whose function is still to come has one of these types, or none.
    private static bool IsOfService(JsonText type) =>
        !type.IsEmpty
        && !type.Is("function"u8)
        && !type.Is("custom"u8)
        && !type.Is("builtin_function"u8)
        && !type.Is("function_call"u8)
        && !type.Is("tool_call"u8)
        && !type.Is("tool_use"u8)
        && !type.Is("null"u8);

    private static byte[] Returned(ReadOnlySpan<byte> extra, ReadOnlySpan<byte> signature)
    {
        bool hasSignature = !WireJson.IsNothing(signature);
        bool hasExtra = !hasSignature || !WireJson.IsNothing(extra);
        var json = new PooledBytes();
        json.Append("{"u8);
        if (hasExtra)
        {
            json.Append("\"extra_content\":"u8);
            json.Append(extra);
        }
        if (hasSignature)
        {
            json.Append(hasExtra ? ",\"thought_signature\":"u8 : "\"thought_signature\":"u8);
            json.Append(signature);
        }
        json.Append("}"u8);
        byte[] returned = json.Span.ToArray();
        json.Return();
        return returned;
    }

    private static bool IsLast(Utf8JsonReader element) => !element.Read() || element.TokenType == JsonTokenType.EndArray;

    private static void ReadIndex(scoped ref Utf8JsonReader reader, ref ToolCallDelta call, EventBuffer events)
    {
        if (WireJson.TryReadIndex(ref reader, out int index))
        {
            call.Index = index;
        }
        else if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double number) && Math.Floor(number) == number)
        {
            bool isUsable = number is >= 0 and <= ushort.MaxValue;
            call.Index = isUsable ? (int)number : int.MaxValue;
            if (isUsable)
                events.Note(QuirkKind.UnexpectedType, "tool_calls[].index");
        }
        else
        {
            int odd = -1;
            WireJson.ReadIndex(ref reader, ref odd, "tool_calls[].index", events);
            if (odd >= 0)
                call.Index = odd;
        }
    }

    private static void ReadFunction(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ref ToolCallDelta call, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (!TryReadFunctionMember(ref reader, name, data, ref call, events))
                events.Ignore(ref reader);
        }
    }

    private static bool TryReadFunctionMember(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> data,
        ref ToolCallDelta call,
        EventBuffer events
    )
    {
        if (name.SequenceEqual("name"u8))
        {
            WireJson.TryReadText(ref reader, ref call.Name, "tool_calls[].function.name", events);
            return true;
        }
        if (name.SequenceEqual("parameters"u8))
        {
            // TGI (2024), instead of arguments.
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject && call is { Arguments.IsPresent: false, ArgumentsValue.IsEmpty: true })
                call.ArgumentsValue = WireJson.SkipRaw(ref reader, data);
            reader.Skip();
            return true;
        }
        if (!name.SequenceEqual("arguments"u8) && !name.SequenceEqual("input"u8))
            return false;
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            call.Arguments = JsonText.Read(ref reader);
            call.ArgumentsValue = default;
        }
        else if (reader.TokenType != JsonTokenType.Null)
        {
            call.ArgumentsValue = WireJson.SkipRaw(ref reader, data);
        }
        return true;
    }
}
