using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one event of the Responses wire. Any of them may be missing, and they arrive in any order.</summary>
internal ref struct ResponsesEvent
{
    public ResponsesEvent() { }

    public JsonText Type;
    public JsonText ItemId;

    /// <summary>The ID of the tool call that the arguments belong to, which few servers send here.</summary>
    public JsonText CallId;

    /// <summary>The name of the tool that the arguments belong to, if it is sent here.</summary>
    public JsonText Name;

    public JsonText Delta;

    /// <summary>The whole of what the deltas contained: <c>text</c>, <c>refusal</c>, <c>arguments</c> or <c>input</c>.</summary>
    public JsonText Whole;

    /// <summary>Arguments that arrived as a JSON value instead of a text.</summary>
    public ReadOnlySpan<byte> WholeValue;

    /// <summary>The index of the item; -1 if there is none.</summary>
    public int OutputIndex = -1;

    /// <summary><c>content_index</c> or <c>summary_index</c>; -1 if there is none.</summary>
    public int PartIndex = -1;

    public ReadOnlySpan<byte> Annotation;

    /// <summary>The index of the annotation within its text; -1 if there is none.</summary>
    public int AnnotationIndex = -1;

    /// <summary>The log probabilities of the text's tokens; empty unless they are wanted.</summary>
    public ReadOnlySpan<byte> LogProbs;

    public ReadOnlySpan<byte> Error;
    public Utf8JsonReader Item;
    public Utf8JsonReader Part;
    public Utf8JsonReader Response;
    public bool HasItem;
    public bool HasPart;
    public bool HasResponse;

    // The token type of each member that has the wrong type, which matters only to an event that needs the member.
    private ReadOnlySpan<byte> _deltaValue;
    private JsonTokenType _oddDelta;
    private JsonTokenType _oddItemId;
    private JsonTokenType _oddWhole;
    private JsonTokenType _oddOutputIndex;
    private JsonTokenType _oddPartIndex;
    private JsonTokenType _oddItem;
    private JsonTokenType _oddPart;
    private JsonTokenType _oddResponse;
    private bool _hasWords;
    private bool _hasMessage;

    /// <summary>Reads the members of the object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "type"u8))
                WireJson.TryReadText(ref reader, ref Type, "type", events);
            else if (WireJson.Is(ref reader, "delta"u8))
                ReadDelta(ref reader, data);
            else if (WireJson.Is(ref reader, "item_id"u8))
            {
                ReadText(ref reader, ref ItemId, ref _oddItemId);
                if (ItemId.IsEscaped)
                    ItemId = ItemId.Plain();
            }
            else if (WireJson.Is(ref reader, "output_index"u8))
                ReadIndex(ref reader, ref OutputIndex, ref _oddOutputIndex);
            else if (WireJson.Is(ref reader, "content_index"u8) || WireJson.Is(ref reader, "summary_index"u8))
                ReadIndex(ref reader, ref PartIndex, ref _oddPartIndex);
            else if (WireJson.Is(ref reader, "text"u8) || WireJson.Is(ref reader, "refusal"u8) || WireJson.Is(ref reader, "input"u8))
                ReadText(ref reader, ref Whole, ref _oddWhole);
            else if (WireJson.Is(ref reader, "arguments"u8))
                ReadArguments(ref reader, data, ref Whole, ref WholeValue);
            else if (WireJson.Is(ref reader, "item"u8))
                HasItem |= SaveReader(ref reader, ref Item, ref _oddItem);
            else if (WireJson.Is(ref reader, "part"u8))
                HasPart |= SaveReader(ref reader, ref Part, ref _oddPart);
            else if (WireJson.Is(ref reader, "response"u8))
                HasResponse |= SaveReader(ref reader, ref Response, ref _oddResponse);
            else if (WireJson.Is(ref reader, "error"u8))
                WireJson.ReadError(ref reader, data, ref Error);
            else
                SkipOther(ref reader, data, events);
        }
    }

    /// <summary>Whether the delta is neither a text nor null.</summary>
    public readonly bool IsDeltaOdd => !_deltaValue.IsEmpty;

    /// <summary>Whether nothing could be read from such a delta, although it contains something.</summary>
    public readonly bool IsDeltaUnreadable => !Delta.IsPresent && !WireJson.IsNothing(_deltaValue);

    /// <summary>Reads the text from a delta that is an object around it, or the arguments from a delta that is a JSON value.</summary>
    // Servers that serialize the types of a client library as they are (2026): {"text":"…"}, {"OfString":"…"},
    // {"call_id":"…","arguments":"…"}.
    public void ReadOddDelta(ResponsesEventKind kind, EventBuffer events)
    {
        bool isArguments = kind == ResponsesEventKind.ArgumentsDelta;
        if (
            !isArguments
            && kind
                is not (
                    ResponsesEventKind.TextDelta
                    or ResponsesEventKind.RefusalDelta
                    or ResponsesEventKind.SummaryDelta
                    or ResponsesEventKind.ReasoningDelta
                    or ResponsesEventKind.PartDelta
                    or ResponsesEventKind.InputDelta
                )
        )
        {
            return;
        }

        var own =
            isArguments ? "arguments"u8
            : kind == ResponsesEventKind.InputDelta ? "input"u8
            : "text"u8;
        ReadOnlySpan<byte> value = default;
        bool isEnvelope = false;
        bool isSaid = false;
        var reader = WireJson.Reader(_deltaValue, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            bool isOwn = name.SequenceEqual(own) || name.SequenceEqual("OfString"u8);
            isEnvelope |= isOwn || (isArguments && name.SequenceEqual("call_id"u8));
            reader.Read();
            isSaid |= isOwn && reader.TokenType != JsonTokenType.Null;
            if (isOwn && reader.TokenType == JsonTokenType.String)
                Delta = JsonText.Read(ref reader);
            else if (isOwn && isArguments && reader.TokenType == JsonTokenType.StartObject)
                value = WireJson.SkipRaw(ref reader, _deltaValue);
            reader.Skip();
        }
        if (Delta.IsPresent)
            return;
        if (isArguments && !isEnvelope && !WireJson.IsNothing(_deltaValue) && _deltaValue[0] == (byte)'{')
            value = _deltaValue;
        // An envelope without a value is an empty delta, not a lost one.
        if (!value.IsEmpty || (isEnvelope && !isSaid))
            Delta = JsonText.Of(value, isEscaped: false);
    }

    /// <summary>Whether an event is an error, whatever its name.</summary>
    public readonly bool IsError(ResponsesEventKind kind, ReadOnlySpan<byte> frameType) =>
        kind == ResponsesEventKind.Foreign ? !Error.IsEmpty || LooksLikeError(frameType) : IsOfResponse(kind) && !Error.IsEmpty;

    /// <summary>Records the members that the event needs and that have the wrong type.</summary>
    /// <exception cref="LlmException">The event cannot be read without one of them.</exception>
    public readonly void CheckMembers(ResponsesEventKind kind, EventBuffer events)
    {
        if (kind is ResponsesEventKind.Skipped or ResponsesEventKind.Foreign or ResponsesEventKind.Error)
            return;
        Note(_oddItemId, "item_id", events);
        Note(_oddOutputIndex, "output_index", events);
        if (kind == ResponsesEventKind.Other || (kind == ResponsesEventKind.PartDelta && !(Delta.IsPresent && IsDeltaOdd)))
            return;
        Note(_oddDelta, "delta", events);
        Note(_oddPartIndex, "content_index", events);
        Note(_oddWhole, "text", events);
        if (kind is ResponsesEventKind.ItemAdded or ResponsesEventKind.ItemDone)
            ThrowIfOdd(_oddItem, "item");
        else if (kind is ResponsesEventKind.PartAdded or ResponsesEventKind.PartDone or ResponsesEventKind.SummaryPartDone)
            ThrowIfOdd(_oddPart, "part");
        else if (IsOfResponse(kind))
            ThrowIfOdd(_oddResponse, "response");
    }

    public static void ReadArguments(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> data,
        scoped ref JsonText text,
        scoped ref ReadOnlySpan<byte> value
    )
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            text = JsonText.Read(ref reader);
        else if (reader.TokenType != JsonTokenType.Null)
            value = WireJson.SkipRaw(ref reader, data);
    }

    // An event that is not the wire's is an error if it has a message or a detail at the top, where no other event has one.
    private readonly bool LooksLikeError(ReadOnlySpan<byte> frameType) => _hasMessage || (_hasWords && Type.IsEmpty && frameType.IsEmpty);

    private static bool IsOfResponse(ResponsesEventKind kind) =>
        kind
            is ResponsesEventKind.Head
                or ResponsesEventKind.Completed
                or ResponsesEventKind.Incomplete
                or ResponsesEventKind.Failed
                or ResponsesEventKind.Cancelled;

    private void SkipOther(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (WireJson.Is(ref reader, "annotation"u8))
        {
            reader.Read();
            Annotation = WireJson.SkipRaw(ref reader, data);
            return;
        }
        if (WireJson.Is(ref reader, "annotation_index"u8))
        {
            JsonTokenType odd = default;
            ReadIndex(ref reader, ref AnnotationIndex, ref odd);
            return;
        }
        if (events.Options.LogProbs && WireJson.Is(ref reader, "logprobs"u8))
        {
            reader.Read();
            LogProbs = WireJson.SkipRaw(ref reader, data);
            return;
        }
        // It may identify the call that arguments belong to, so it is not ignored like the rest.
        if (WireJson.Is(ref reader, "call_id"u8))
        {
            WireJson.ReadIdIfAny(ref reader, ref CallId);
            return;
        }
        if (WireJson.Is(ref reader, "name"u8))
            PeekText(reader, ref Name);
        bool isMessage = WireJson.Is(ref reader, "message"u8) || WireJson.Is(ref reader, "Message"u8) || WireJson.Is(ref reader, "msg"u8);
        if (!isMessage && !WireJson.Is(ref reader, "detail"u8))
        {
            events.Ignore(ref reader);
            return;
        }
        reader.Read();
        _hasWords |= reader.TokenType != JsonTokenType.Null;
        _hasMessage |=
            reader.TokenType == JsonTokenType.String
            || (!isMessage && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject);
        reader.Skip();
    }

    // For a call that already has a name it means nothing, whatever its value, so it is ignored like the rest.
    private static void PeekText(Utf8JsonReader reader, scoped ref JsonText text)
    {
        if (reader.Read() && reader.TokenType == JsonTokenType.String)
            text = JsonText.Read(ref reader);
    }

    private void ReadDelta(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            Delta = JsonText.Read(ref reader);
        }
        else if (reader.TokenType != JsonTokenType.Null)
        {
            _oddDelta = reader.TokenType;
            _deltaValue = WireJson.SkipRaw(ref reader, data);
        }
    }

    private static void ReadText(scoped ref Utf8JsonReader reader, scoped ref JsonText text, scoped ref JsonTokenType odd)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            text = JsonText.Read(ref reader);
            return;
        }
        odd = reader.TokenType;
        reader.Skip();
    }

    private static void ReadIndex(scoped ref Utf8JsonReader reader, scoped ref int index, scoped ref JsonTokenType odd)
    {
        reader.Read();
        if (WireJson.TryReadIndex(ref reader, out int value))
        {
            index = value;
            return;
        }
        if (WireJson.TryReadOddIndex(ref reader, out value))
            index = value;
        odd = reader.TokenType;
        reader.Skip();
    }

    private static bool SaveReader(scoped ref Utf8JsonReader reader, scoped ref Utf8JsonReader saved, scoped ref JsonTokenType odd)
    {
        reader.Read();
        bool isObject = reader.TokenType == JsonTokenType.StartObject;
        if (isObject)
            saved = reader;
        else
            odd = reader.TokenType;
        reader.Skip();
        return isObject;
    }

    private static void Note(JsonTokenType odd, string place, EventBuffer events)
    {
        if (odd is not (JsonTokenType.None or JsonTokenType.Null))
            events.Note(QuirkKind.UnexpectedType, place);
    }

    private static void ThrowIfOdd(JsonTokenType odd, string place)
    {
        if (odd is not (JsonTokenType.None or JsonTokenType.Null))
            WireJson.ThrowType(place, odd);
    }
}
