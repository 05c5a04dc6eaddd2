using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What one body was found to hold beside the content of its choices, and whether that makes it an error: a chunk of a stream, a document in place of one, or a whole answer.</summary>
internal ref struct ChatChunk
{
    private readonly ReadOnlySpan<byte> _type;
    private ReadOnlySpan<byte> _error;

    /// <summary>Begins a body.</summary>
    /// <param name="data">All of it.</param>
    /// <param name="type">The type of the event that it came in.</param>
    /// <param name="isWhole">True where it is the whole answer as far as one can know.</param>
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

    /// <summary>True for a document where an event belongs.</summary>
    public bool IsDocument { get; init; }

    /// <summary>True where it says itself that it is an error.</summary>
    public bool IsError;

    /// <summary>True once a member came that belongs to this wire.</summary>
    public bool IsKnown;

    /// <summary>True once a member came that this wire has no use for.</summary>
    public bool HasOther;

    public bool HasChoices;

    /// <summary>True once there is something in the list of choices.</summary>
    public bool HasChoice;
    public bool HasUsage;

    /// <summary>What the answer cost, as OpenCode Zen (2026) says it in a chunk of its own without choices.</summary>
    public JsonText Cost;

    /// <summary>What the answer cost, where it is said in so many US dollars (Venice, 2026).</summary>
    public decimal? Dollars;

    /// <summary>True once a whole message came in place of a delta.</summary>
    public bool HasMessage;

    /// <summary>False once it said more than a piece of text or arguments (<see cref="FrameTrace.IsRepeatable"/>).</summary>
    public bool IsRepeatable;

    /// <summary>True once it holds something of an error.</summary>
    public readonly bool HasError => !_error.IsEmpty;

    /// <summary>What tells of the error: all of it, but for an error in a place where none is looked for.</summary>
    // Groq (2026) has it under a member of its own, beside a chunk like any other.
    public readonly ReadOnlySpan<byte> ErrorText => HasError && !ErrorReader.IsError(Data) ? _error : Data;

    /// <summary>True where all has to be looked at that is odd about bodies.</summary>
    public readonly bool IsOdd(bool isAnswerEmpty) => HasError || IsError || !HasChoice || Dollars is not null || (IsWhole && isAnswerEmpty);

    /// <summary>Reads the error of the property that the reader stands on.</summary>
    public void ReadError(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        var value = WireJson.SkipRaw(ref reader, Data);
        // The first error wins: one that is there cannot be hidden by a null after it.
        if (!WireJson.IsNothing(value) && (!HasError || IsBlank(_error)))
            _error = value;
    }

    /// <summary>Reads a member that single services send; false where it is none of them.</summary>
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
            // Without a sum it means nothing, with other numbers it may: so it is not ignored.
            if (UsageCounter.ReadSum(ref cost) is { } dollars)
            {
                IsRepeatable = false;
                Dollars = dollars;
            }
            reader = cost;
            return true;
        }
        // Beside a piece it means nothing, whatever it is.
        cost = reader;
        WireJson.ReadTextIfAny(ref cost, ref Cost);
        events.Ignore(ref reader);
        return true;
    }

    /// <summary>True where a body that is an array tells of an error: Gemini's compatible endpoint (2025) wraps its errors so, and no answer is one.</summary>
    public readonly bool IsErrorArray => IsWhole || IsError || (IsOfAnswer && ErrorBody.Read(Data).SaysSomething);

    /// <summary>True for a body that is an error, in its envelope or without one, or that is nothing of this wire's.</summary>
    public readonly bool IsFailure(bool isAnswerEmpty)
    {
        // OneAPI and its kin (2025) send beside a good answer an error of which nothing is filled in.
        if (IsError || (HasError && IsErrorOfAnswer && !(HasChoices && IsBlank(_error))))
            return true;
        bool isEmpty = IsWhole ? isAnswerEmpty : !HasChoice && !HasUsage;
        return (isEmpty && IsOfAnswer && ErrorBody.Read(Data).SaysSomething) || (IsWhole && !HasChoices && !IsKnown);
    }

    /// <summary>Says that the choices are missing, or that it is no body of an answer at all.</summary>
    public readonly void NoteMissing(EventBuffer events)
    {
        if (HasChoices)
            return;
        if (IsOfAnswer && IsKnown)
            events.Note(QuirkKind.ChoicesMissing, "choices");
        else
            events.Note(QuirkKind.UnknownEvent, "data");
    }

    // A gateway tells of its own work under an event type of its own.
    private readonly bool IsOfAnswer => _type.IsEmpty || _type.SequenceEqual("message"u8);

    // Friendli (2024) tells so that a tool of its own failed, and the answer goes on. An error and nothing else is the answer's, whatever the event is called.
    private readonly bool IsErrorOfAnswer => IsOfAnswer || HasChoices || !HasOther;

    // MiniMax (2025) says beside every answer how it went: {"status_code":0} is a success, any other number an error, whatever stands in the choices.
    private void ReadOutcome(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        var outcome = reader;
        if (WireJson.TryFindMember(ref outcome, "status_code"u8) && outcome.TokenType == JsonTokenType.Number && !outcome.ValueSpan.SequenceEqual("0"u8))
            IsError = true;
        reader.Skip();
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
