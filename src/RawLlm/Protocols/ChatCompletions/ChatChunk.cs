using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// One body beside the content of its choices, and whether that makes it an error. A body is a chunk, a document instead of one, or a whole
/// answer.
/// </summary>
internal ref struct ChatChunk
{
    private readonly ReadOnlySpan<byte> _type;
    private ReadOnlySpan<byte> _error;

    /// <summary>Starts a body.</summary>
    /// <param name="data">The whole body.</param>
    /// <param name="type">The type of the event that contains it.</param>
    /// <param name="isWhole">Whether it is the whole answer, as far as is known.</param>
    public ChatChunk(ReadOnlySpan<byte> data, ReadOnlySpan<byte> type, bool isWhole)
    {
        Data = data;
        _type = type;
        IsWhole = isWhole;
        IsError = type.SequenceEqual("error"u8);
        IsRepeatable = true;
    }

    public readonly ReadOnlySpan<byte> Data;

    public readonly bool IsWhole;

    /// <summary>Whether it is a document instead of an event.</summary>
    public bool IsDocument { get; init; }

    /// <summary>Whether the body says that it is an error.</summary>
    public bool IsError;

    /// <summary>True once a member of this wire was read.</summary>
    public bool IsKnown;

    /// <summary>True once a member was read that this wire does not use.</summary>
    public bool HasOther;

    public bool HasChoices;

    /// <summary>True once the list of choices contained something.</summary>
    public bool HasChoice;
    public bool HasUsage;

    /// <summary>The cost of the answer, which OpenCode Zen (2026) sends in a separate chunk without choices.</summary>
    public JsonText Cost;

    /// <summary>The cost of the answer, if it is stated in US dollars (Venice, 2026); null otherwise.</summary>
    public decimal? Dollars;

    /// <summary>True once a choice contained a whole message.</summary>
    public bool HasMessage;

    /// <summary>False once the body contained more than a piece of text or arguments (<see cref="FrameTrace.IsRepeatable"/>).</summary>
    public bool IsRepeatable;

    /// <summary>Whether the body contains an error.</summary>
    public readonly bool HasError => !_error.IsEmpty;

    /// <summary>
    /// The JSON that describes the error: the whole body, or only the error if it is where <see cref="ErrorReader"/> does not look.
    /// </summary>
    // Groq (2026) puts it under a member of its own, in an otherwise normal chunk.
    public readonly ReadOnlySpan<byte> ErrorText => HasError && !ErrorReader.IsError(Data) ? _error : Data;

    /// <summary>Whether the body needs the checks for everything that can be odd about it.</summary>
    public readonly bool IsOdd(bool isAnswerEmpty) =>
        HasError || IsError || !HasChoice || Dollars is not null || (IsWhole && isAnswerEmpty);

    /// <summary>Reads the error of the property that the reader is on.</summary>
    public void ReadError(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        var value = WireJson.SkipRaw(ref reader, Data);
        // The first error wins: a null after it does not hide it.
        if (!WireJson.IsNothing(value) && (!HasError || IsBlank(_error)))
            _error = value;
    }

    /// <summary>Reads a member that only some services send; returns false if it is none of them.</summary>
    public bool TryRead(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name, EventBuffer events)
    {
        if (name.SequenceEqual("base_resp"u8))
        {
            ReadOutcome(ref reader);
            return true;
        }
        if (!name.SequenceEqual("cost"u8))
            return false;
        var cost = reader;
        cost.Read();
        if (cost.TokenType == JsonTokenType.StartObject)
        {
            // An object without a sum changes nothing, but the same object with other numbers may, so it is not recorded as ignored.
            if (UsageCounter.ReadSum(ref cost) is { } dollars)
            {
                IsRepeatable = false;
                Dollars = dollars;
            }
            reader = cost;
            return true;
        }
        // In a chunk with content it means nothing, whatever its value.
        cost = reader;
        WireJson.ReadTextIfAny(ref cost, ref Cost);
        events.Ignore(ref reader);
        return true;
    }

    /// <summary>
    /// Whether a body that is an array describes an error: Gemini's compatible endpoint (2025) wraps its errors this way, and no answer is
    /// an array.
    /// </summary>
    public readonly bool IsErrorArray => IsWhole || IsError || (IsOfAnswer && ErrorBody.Read(Data).IsExplained);

    /// <summary>Whether the body is an error, with or without an envelope, or does not belong to this wire.</summary>
    public readonly bool IsFailure(bool isAnswerEmpty)
    {
        // OneAPI and its derivatives (2025) send an error with no field filled in beside a good answer.
        if (IsError || (HasError && IsErrorOfAnswer && !(HasChoices && IsBlank(_error))))
            return true;
        bool isEmpty = IsWhole ? isAnswerEmpty : !HasChoice && !HasUsage;
        return (isEmpty && IsOfAnswer && ErrorBody.Read(Data).IsExplained) || IsForeign;
    }

    /// <summary>Whether it is the whole answer, but has nothing of this wire.</summary>
    public readonly bool IsForeign => IsWhole && !HasChoices && !IsKnown;

    /// <summary>Whether the body says, with any of its members, that something failed.</summary>
    // Cline (2026) wraps good answers: {"success":true,"data":{…}}.
    public readonly bool ReportsFailure()
    {
        if (IsError || HasError)
            return true;
        var reader = WireJson.DeepReader(Data);
        reader.Read();
        if (WireJson.TryFindMember(ref reader, "success"u8) && reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            return reader.TokenType == JsonTokenType.False;
        var body = ErrorBody.Read(Data);
        return (body.Message is { } message ? !IsSuccess(message) : body.NamesException)
            || (body.Code is { } code && !IsSuccess(code))
            || (body.StatusText is { } status && !IsSuccess(status))
            || body.Type is not null
            || body.Status is not null
            || HasStatusOfFailure();
    }

    /// <summary>Records that the choices are missing, or that the body is not part of an answer at all.</summary>
    public readonly void NoteMissing(EventBuffer events)
    {
        if (HasChoices)
            return;
        if (IsOfAnswer && IsKnown)
            events.Note(QuirkKind.ChoicesMissing, "choices");
        else
            events.Note(QuirkKind.UnknownEvent, "data");
    }

    // Gateways report their own work under an event type of their own.
    private readonly bool IsOfAnswer => _type.IsEmpty || _type.SequenceEqual("message"u8);

    // Friendli (2024) reports this way that one of its own tools failed, and the answer continues. A body with nothing but an error ends
    // the answer, whatever the event is called.
    private readonly bool IsErrorOfAnswer => IsOfAnswer || HasChoices || !HasOther;

    // MiniMax (2025) sends the outcome with every answer: {"status_code":0} is a success, any other number an error, whatever the choices
    // contain.
    private void ReadOutcome(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        var outcome = reader;
        if (
            WireJson.TryFindMember(ref outcome, "status_code"u8)
            && outcome.TokenType == JsonTokenType.Number
            && !outcome.ValueSpan.SequenceEqual("0"u8)
        )
        {
            IsError = true;
        }

        reader.Skip();
    }

    private static bool IsSuccess(string word) =>
        word is "0" or "200"
        || word.Equals("success", StringComparison.OrdinalIgnoreCase)
        || word.Equals("ok", StringComparison.OrdinalIgnoreCase);

    private readonly bool HasStatusOfFailure()
    {
        var reader = WireJson.DeepReader(Data);
        reader.Read();
        return WireJson.TryFindMember(ref reader, "status"u8)
            && (
                WireJson.Is(ref reader, "error"u8)
                || WireJson.Is(ref reader, "failed"u8)
                || WireJson.Is(ref reader, "failure"u8)
                || WireJson.Is(ref reader, "fail"u8)
            );
    }

    private static bool IsBlank(ReadOnlySpan<byte> error)
    {
        var reader = WireJson.DeepReader(error);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            return error.SequenceEqual("0"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, error);
            if (!WireJson.IsNothing(value) && !value.SequenceEqual("0"u8))
                return false;
        }
        return true;
    }
}
