using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of an item that the part created from it does not contain.</summary>
internal static class ItemMembers
{
    /// <summary>The member that belongs to the text instead of the message around it.</summary>
    public static ReadOnlySpan<byte> Annotations => "annotations"u8;

    /// <summary>Emits the members as the wire's own data; nothing if there is only a status.</summary>
    /// <param name="part">The number of the part.</param>
    /// <param name="kind">A message, a tool call, or an image, which has no kind of its own.</param>
    /// <param name="item">The item's exact bytes.</param>
    /// <param name="citations">The citations of the part, which go back with its text; null if there are none.</param>
    /// <param name="events">Receives the event.</param>
    public static void Emit(int part, OutputItemKind kind, ReadOnlySpan<byte> item, List<Citation>? citations, EventBuffer events)
    {
        var members = new PooledBytes();
        bool isWorth = kind == OutputItemKind.CustomCall;
        var reader = WireJson.DeepReader(item);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (IsInPart(ref reader, kind) || IsNothing(reader))
            {
                WireJson.SkipValue(ref reader);
                continue;
            }
            isWorth |= !WireJson.Is(ref reader, "status"u8);
            members.Append(members.Length == 0 ? "{\""u8 : ",\""u8);
            members.Append(reader.ValueSpan);
            members.Append("\":"u8);
            reader.Read();
            members.Append(WireJson.SkipRaw(ref reader, item));
        }
        if (citations is not null)
        {
            isWorth = true;
            members.Append(members.Length == 0 ? "{\""u8 : ",\""u8);
            members.Append(Annotations);
            members.Append("\":["u8);
            for (int i = 0; i < citations.Count; i++)
            {
                if (i > 0)
                    members.Append(","u8);
                members.Append(citations[i].Json.Utf8);
            }
            members.Append("]"u8);
        }
        if (isWorth)
        {
            members.Append("}"u8);
            events.Add(StreamEventKind.WireData, 0, part, members.Span, name: ResponsesProtocol.WireName);
        }
        members.Return();
    }

    // No member of a message or a tool call has to be present as null.
    private static bool IsNothing(Utf8JsonReader reader) =>
        OutputOnlyMembers.Is(reader) || (reader.Read() && reader.TokenType == JsonTokenType.Null);

    // The type distinguishes a custom tool call from other tool calls.
    private static bool IsInPart(scoped ref Utf8JsonReader reader, OutputItemKind kind) =>
        kind switch
        {
            OutputItemKind.Message => WireJson.Is(ref reader, "type"u8)
                || WireJson.Is(ref reader, "role"u8)
                || WireJson.Is(ref reader, "content"u8),
            OutputItemKind.FunctionCall => WireJson.Is(ref reader, "type"u8)
                || WireJson.Is(ref reader, "call_id"u8)
                || WireJson.Is(ref reader, "name"u8)
                || WireJson.Is(ref reader, "arguments"u8)
                || WireJson.Is(ref reader, "function"u8),
            OutputItemKind.Opaque => WireJson.Is(ref reader, "result"u8),
            _ => WireJson.Is(ref reader, "call_id"u8) || WireJson.Is(ref reader, "name"u8) || WireJson.Is(ref reader, "input"u8),
        };
}
