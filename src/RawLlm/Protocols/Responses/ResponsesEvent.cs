using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one event of the Responses wire; every one may be missing, and they come in any order.</summary>
internal ref struct ResponsesEvent
{
    public ResponsesEvent()
    {
    }

    public JsonText Type;
    public JsonText ItemId;
    public JsonText Delta;

    /// <summary>The whole of what the deltas said: <c>text</c>, <c>refusal</c>, <c>arguments</c> or <c>input</c>.</summary>
    public JsonText Whole;

    /// <summary>Arguments that came as a JSON value in place of text.</summary>
    public ReadOnlySpan<byte> WholeValue;

    /// <summary>-1 when there is none.</summary>
    public int OutputIndex = -1;

    /// <summary><c>content_index</c> or <c>summary_index</c>; -1 when there is none.</summary>
    public int PartIndex = -1;

    public ReadOnlySpan<byte> Error;
    public Utf8JsonReader Item;
    public Utf8JsonReader Part;
    public Utf8JsonReader Response;
    public bool HasItem;
    public bool HasPart;
    public bool HasResponse;

    /// <summary>True when there is a message or a detail at the top, where no event but an error has one.</summary>
    public bool LooksLikeError;

    /// <summary>Reads the members of the object that the reader stands on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
                WireJson.TryReadText(ref reader, ref Type, "type", events);
            else if (reader.ValueTextEquals("delta"u8))
                WireJson.TryReadText(ref reader, ref Delta, "delta", events);
            else if (reader.ValueTextEquals("item_id"u8))
                WireJson.TryReadText(ref reader, ref ItemId, "item_id", events);
            else if (reader.ValueTextEquals("output_index"u8))
                ReadIndex(ref reader, ref OutputIndex, "output_index", events);
            else if (reader.ValueTextEquals("content_index"u8) || reader.ValueTextEquals("summary_index"u8))
                ReadIndex(ref reader, ref PartIndex, "content_index", events);
            else if (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("refusal"u8) || reader.ValueTextEquals("input"u8))
                WireJson.TryReadText(ref reader, ref Whole, "text", events);
            else if (reader.ValueTextEquals("arguments"u8))
                ReadArguments(ref reader, data, ref Whole, ref WholeValue);
            else if (reader.ValueTextEquals("item"u8))
                HasItem |= Keep(ref reader, ref Item, "item");
            else if (reader.ValueTextEquals("part"u8))
                HasPart |= Keep(ref reader, ref Part, "part");
            else if (reader.ValueTextEquals("response"u8))
                HasResponse |= Keep(ref reader, ref Response, "response");
            else if (reader.ValueTextEquals("error"u8))
                ReadError(ref reader, data, ref Error);
            else
                SkipOther(ref reader, events);
        }
    }

    public static void ReadArguments(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, scoped ref JsonText text, scoped ref ReadOnlySpan<byte> value)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            text = JsonText.Read(ref reader);
        else if (reader.TokenType != JsonTokenType.Null)
            value = WireJson.SkipRaw(ref reader, data);
    }

    /// <summary>Keeps the first error that is there: it cannot be hidden by a null after it.</summary>
    public static void ReadError(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, scoped ref ReadOnlySpan<byte> error)
    {
        reader.Read();
        var value = WireJson.SkipRaw(ref reader, data);
        if (error.IsEmpty && !WireJson.IsNothing(value))
            error = value;
    }

    public static bool Keep(scoped ref Utf8JsonReader reader, scoped ref Utf8JsonReader kept, string place)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return false;
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType(place, reader.TokenType);
        kept = reader;
        reader.Skip();
        return true;
    }

    public static bool KeepArray(scoped ref Utf8JsonReader reader, scoped ref Utf8JsonReader kept, string place, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WireJson.SkipUnexpected(ref reader, place, events);
            return false;
        }
        kept = reader;
        reader.Skip();
        return true;
    }

    private void SkipOther(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (!reader.ValueTextEquals("message"u8) && !reader.ValueTextEquals("detail"u8))
        {
            events.Ignore(ref reader);
            return;
        }
        reader.Read();
        LooksLikeError |= reader.TokenType != JsonTokenType.Null;
        reader.Skip();
    }

    private static void ReadIndex(scoped ref Utf8JsonReader reader, scoped ref int index, string place, EventBuffer events)
    {
        reader.Read();
        if (WireJson.TryReadIndex(ref reader, out int value))
            index = value;
        else
            WireJson.SkipUnexpected(ref reader, place, events);
    }
}
