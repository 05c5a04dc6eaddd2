using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The data of a chat completions service that goes back to it in messages of the model.</summary>
/// <remarks>With messages of the user all of it goes back (<see cref="OwnData"/>), even to a service that rejects unknown
/// members.</remarks>
internal readonly struct ChatOwnData(ChatCompletionsProtocol dialect, JsonWriter json)
{
    /// <summary>Whether the data may go back with a message.</summary>
    public bool Is([NotNullWhen(true)] WireData? data) =>
        IsBeginning(data) || (json.Wire.Owns(data, dialect.Name) && dialect.AcceptsUnknownMembers && !HoldsForeignReasoning(data));

    /// <summary>Whether the data marks the beginning of an answer.</summary>
    public bool IsBeginning([NotNullWhen(true)] WireData? data) => Is(data, ChatCompletionsProtocol.Prefix);

    /// <summary>Whether the data says that a custom tool was called, which applies whichever service sent it.</summary>
    public bool IsCustomCall([NotNullWhen(true)] WireData? data) => dialect.AcceptsUnknownMembers && Is(data, "{\"type\":\"custom\"}"u8);

    /// <summary>
    /// Writes the data byte for byte. Data of another wire or service is left out, and so is data that the service has no place for.
    /// </summary>
    public void Write(WireData? data, string place)
    {
        if (data is not null && !(Is(data) && json.WriteMembers(data.Json)))
            json.Wire.Note(QuirkKind.LeftOut, place);
    }

    /// <summary>Whether the content of a message goes back as the list in which it arrived.</summary>
    public bool HasContent(IReadOnlyList<Part> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not ToolCallPart && HasContent(parts[i].WireData))
                return true;
        }
        return false;
    }

    /// <summary>Whether the data contains an element of that list.</summary>
    public bool HasContent(WireData? data) => TryReadContent(data, out _, out _);

    /// <summary>Writes that list: the signed reasoning and the text.</summary>
    public void WriteContent(IReadOnlyList<Part> parts, string place)
    {
        json.StartArray();
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is TextPart { Text: not "" } text)
            {
                json.StartObject();
                json.WriteMember("type"u8, "text"u8);
                json.WriteMember("text"u8, text.Text, place);
                json.EndObject();
            }
            else if (parts[i] is not ToolCallPart && TryReadContent(parts[i].WireData, out var content, out _))
            {
                json.WriteRaw(content);
            }
        }
        json.EndArray();
    }

    /// <summary>Writes the data that goes back beside the content.</summary>
    public void WriteBesideContent(WireData? data, string place)
    {
        if (TryReadContent(data, out _, out int end))
            json.WriteMembers(RawJson.FromChecked(Rest(data!.Json, end)));
        else
            Write(data, place);
    }

    // Databricks and Portkey (2025): {"content":[{…}]} with the reasoning parts (ReasoningData.ToJson), possibly followed by other members.
    private bool TryReadContent(WireData? data, out ReadOnlySpan<byte> parts, out int end)
    {
        parts = default;
        end = 0;
        if (!Is(data))
            return false;
        var reader = WireJson.DeepReader(data.Json.Utf8);
        if (
            !reader.Read()
            || reader.TokenType != JsonTokenType.StartObject
            || !reader.Read()
            || reader.TokenType != JsonTokenType.PropertyName
            || !WireJson.Is(ref reader, "content"u8)
            || !reader.Read()
            || reader.TokenType != JsonTokenType.StartArray
        )
        {
            return false;
        }
        parts = WireJson.SkipRaw(ref reader, data.Json.Utf8)[1..^1].Trim(" \t\r\n"u8);
        if (parts is not [(byte)'{', ..])
            return false;
        end = (int)reader.BytesConsumed;
        return true;
    }

    // The object without its first member.
    private static byte[] Rest(RawJson json, int end) => [(byte)'{', .. json.Utf8[end..].TrimStart(" \t\r\n,"u8)];

    private bool HoldsForeignReasoning(WireData data) =>
        dialect.ReasoningMembers is { } own
        && (
            IsForeign("reasoning_details", "\"reasoning_details\""u8, own, data)
            || IsForeign("thinking_blocks", "\"thinking_blocks\""u8, own, data)
            || IsForeign("reasoning_opaque", "\"reasoning_opaque\""u8, own, data)
            || IsForeign("extra_content", "\"extra_content\""u8, own, data)
        );

    private static bool IsForeign(string name, ReadOnlySpan<byte> quoted, string own, WireData data) =>
        !own.Contains(name, StringComparison.Ordinal) && data.Json.Utf8.IndexOf(quoted) >= 0;

    private bool Is([NotNullWhen(true)] WireData? data, ReadOnlySpan<byte> json) =>
        data is not null && data.Protocol == dialect.Name && data.Json.Utf8.SequenceEqual(json);
}
