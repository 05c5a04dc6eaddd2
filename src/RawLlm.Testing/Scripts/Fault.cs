namespace RawLlm.Testing;

/// <summary>Something that goes wrong, or that is odd, on the way of an answer. Several go together.</summary>
/// <remarks>
/// A piece is a word of text or thoughts, with the space behind it, or eight characters of arguments, or a whole call on a wire that does not stream arguments. A whole answer, one
/// that was not asked for as a stream, is a single piece.
/// </remarks>
public sealed record Fault
{
    private Fault(FaultKind kind) => Kind = kind;

    /// <summary>Each read gives one byte, so that whatever is longer than a byte comes in parts.</summary>
    public static Fault OneByteReads { get; } = SmallReads(1);

    /// <summary>Every character of several bytes comes in two reads.</summary>
    public static Fault SplitCharacters { get; } = new(FaultKind.SplitCharacters);

    /// <summary>A stream lacks the mark with which its wire ends one. An error on most wires; chat completions and Converse have said by then why the answer ended: <see cref="QuirkKind.MissingSentinel"/>.</summary>
    public static Fault NoEndMark { get; } = new(FaultKind.NoEndMark);

    /// <summary>Parts of a stream come without the index that tells them apart, as some servers send calls. Does nothing on wires without indexes.</summary>
    public static Fault CallsWithoutIndex { get; } = new(FaultKind.CallsWithoutIndex);

    /// <summary>Comments, pings or empty lines, as the wire has them, come between the events of a stream. Does nothing on Amazon's wires, which have none.</summary>
    public static Fault KeepAlives { get; } = new(FaultKind.KeepAlives);

    /// <summary>Nobody listens: <see cref="LlmErrorKind.ConnectFailed"/>.</summary>
    public static Fault RefusedConnection { get; } = new(FaultKind.RefuseConnection);

    /// <summary>The connection is reset before the head of the answer: <see cref="LlmErrorKind.ConnectionLost"/>.</summary>
    public static Fault ResetBeforeHead { get; } = new(FaultKind.ResetBeforeHead);

    internal FaultKind Kind { get; }

    /// <summary>Behind how many pieces; null where bytes count.</summary>
    internal int? Pieces { get; private init; }

    /// <summary>Behind how many bytes, or how many at once.</summary>
    internal int Bytes { get; private init; }

    internal CutKind How { get; private init; }

    /// <summary>How long; null for as long as the client waits.</summary>
    internal TimeSpan? For { get; private init; }

    internal int Status { get; private init; }

    internal LlmErrorKind Error { get; private init; }

    /// <summary>The body is cut off behind some pieces.</summary>
    /// <param name="pieces">How many pieces come.</param>
    /// <param name="how">How the body ends.</param>
    public static Fault CutAfterPieces(int pieces, CutKind how = CutKind.Close) => new(FaultKind.Cut) { Pieces = NotNegative(pieces), How = how };

    /// <summary>The body is cut off behind some bytes.</summary>
    /// <param name="bytes">How many bytes come.</param>
    /// <param name="how">How the body ends.</param>
    public static Fault CutAfterBytes(int bytes, CutKind how = CutKind.Close) => new(FaultKind.Cut) { Bytes = NotNegative(bytes), How = how };

    /// <summary>Behind some pieces nothing comes.</summary>
    /// <param name="pieces">How many pieces come first.</param>
    /// <param name="time">For how long, by the server's clock; until the client gives up when null.</param>
    public static Fault StallAfterPieces(int pieces, TimeSpan? time = null) => new(FaultKind.Stall) { Pieces = NotNegative(pieces), For = NotNegative(time) };

    /// <summary>Behind some bytes nothing comes.</summary>
    /// <param name="bytes">How many bytes come first.</param>
    /// <param name="time">For how long, by the server's clock; until the client gives up when null.</param>
    public static Fault StallAfterBytes(int bytes, TimeSpan? time = null) => new(FaultKind.Stall) { Bytes = NotNegative(bytes), For = NotNegative(time) };

    /// <summary>The head of the answer does not come.</summary>
    /// <param name="time">For how long, by the server's clock; until the client gives up when null.</param>
    public static Fault StallBeforeHead(TimeSpan? time = null) => new(FaultKind.StallBeforeHead) { For = NotNegative(time) };

    /// <summary>Each read gives so many bytes at most.</summary>
    /// <param name="bytes">How many.</param>
    public static Fault SmallReads(int bytes) => new(FaultKind.SmallReads) { Bytes = Positive(bytes) };

    /// <summary>The body drips.</summary>
    /// <param name="bytes">How many bytes come at once.</param>
    /// <param name="every">How long it is from one drop to the next, by the server's clock.</param>
    public static Fault Drip(int bytes, TimeSpan every) => new(FaultKind.Drip) { Bytes = Positive(bytes), For = NotNegative(every) };

    /// <summary>A web page comes in place of the answer, as from a proxy: <see cref="LlmErrorKind.UnexpectedContentType"/> with a status of success.</summary>
    /// <param name="status">Its status.</param>
    public static Fault HtmlPage(int status = 200) => new(FaultKind.Page) { Status = ScriptedServer.CheckStatus(status) };

    /// <summary>An answer that began with status 200 tells of an error: <see cref="LlmErrorKind.StreamError"/>, with the kind as its cause. A whole answer is nothing but the error.</summary>
    /// <param name="kind">What the error says, one of those that <see cref="ScriptedServer.Refuse"/> takes.</param>
    /// <param name="pieces">How many pieces of the answer come first.</param>
    public static Fault ErrorInStream(LlmErrorKind kind, int pieces = 0)
    {
        ScriptedServer.CheckRefusal(kind);
        return new(FaultKind.ErrorInStream) { Error = kind, Pieces = NotNegative(pieces) };
    }

    private static int NotNegative(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        return number;
    }

    private static TimeSpan? NotNegative(TimeSpan? time)
    {
        if (time is { } given)
            ArgumentOutOfRangeException.ThrowIfLessThan(given, TimeSpan.Zero, nameof(time));
        return time;
    }

    private static int Positive(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(number);
        return number;
    }
}
