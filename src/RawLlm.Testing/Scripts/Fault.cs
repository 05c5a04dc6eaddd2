namespace RawLlm.Testing;

/// <summary>A failure or oddity in the delivery of an answer. Faults can be combined.</summary>
/// <remarks>
/// A piece is a word of text or reasoning including the space after it, eight characters of arguments, or a whole tool call on a wire that
/// does not stream arguments. An answer that was not requested as a stream is a single piece.
/// </remarks>
public sealed record Fault
{
    private Fault(FaultKind kind) => Kind = kind;

    /// <summary>Each read returns one byte, so that everything longer than a byte is split.</summary>
    public static Fault OneByteReads { get; } = SmallReads(1);

    /// <summary>Every multibyte character is split between two reads.</summary>
    public static Fault SplitCharacters { get; } = new(FaultKind.SplitCharacters);

    /// <summary>A stream lacks the end marker of its wire. This is an error on most wires; on chat completions and Converse, which have
    /// sent the stop reason by then, it is the quirk <see cref="QuirkKind.MissingSentinel"/>.</summary>
    public static Fault NoEndMark { get; } = new(FaultKind.NoEndMark);

    /// <summary>
    /// The parts of a stream lack the index that distinguishes them, as some servers send tool calls. No effect on wires without indexes.
    /// </summary>
    public static Fault CallsWithoutIndex { get; } = new(FaultKind.CallsWithoutIndex);

    /// <summary>Comments, pings or empty lines, depending on the wire, arrive between the events of a stream. No effect on Amazon's wires,
    /// which have none.</summary>
    public static Fault KeepAlives { get; } = new(FaultKind.KeepAlives);

    /// <summary>The connection is refused: <see cref="LlmErrorKind.ConnectFailed"/>.</summary>
    public static Fault RefusedConnection { get; } = new(FaultKind.RefuseConnection);

    /// <summary>The connection is reset before the head of the answer: <see cref="LlmErrorKind.ConnectionLost"/>.</summary>
    public static Fault ResetBeforeHead { get; } = new(FaultKind.ResetBeforeHead);

    internal FaultKind Kind { get; }

    /// <summary>After how many pieces; null if bytes are counted.</summary>
    internal int? Pieces { get; private init; }

    /// <summary>After how many bytes, or how many bytes at a time.</summary>
    internal int Bytes { get; private init; }

    internal CutKind How { get; private init; }

    /// <summary>For how long; null for as long as the client waits.</summary>
    internal TimeSpan? For { get; private init; }

    internal int Status { get; private init; }

    internal LlmErrorKind Error { get; private init; }

    /// <summary>Cuts off the body after a number of pieces.</summary>
    /// <param name="pieces">The number of pieces that arrive.</param>
    /// <param name="how">How the body ends.</param>
    public static Fault CutAfterPieces(int pieces, CutKind how = CutKind.Close) =>
        new(FaultKind.Cut) { Pieces = NotNegative(pieces), How = how };

    /// <summary>Cuts off the body after a number of bytes.</summary>
    /// <param name="bytes">The number of bytes that arrive.</param>
    /// <param name="how">How the body ends.</param>
    public static Fault CutAfterBytes(int bytes, CutKind how = CutKind.Close) =>
        new(FaultKind.Cut) { Bytes = NotNegative(bytes), How = how };

    /// <summary>Keeps the body silent after a number of pieces.</summary>
    /// <param name="pieces">The number of pieces that arrive first.</param>
    /// <param name="time">For how long, by the server's clock; null to wait until the client gives up.</param>
    public static Fault StallAfterPieces(int pieces, TimeSpan? time = null) =>
        new(FaultKind.Stall) { Pieces = NotNegative(pieces), For = NotNegative(time) };

    /// <summary>Keeps the body silent after a number of bytes.</summary>
    /// <param name="bytes">The number of bytes that arrive first.</param>
    /// <param name="time">For how long, by the server's clock; null to wait until the client gives up.</param>
    public static Fault StallAfterBytes(int bytes, TimeSpan? time = null) =>
        new(FaultKind.Stall) { Bytes = NotNegative(bytes), For = NotNegative(time) };

    /// <summary>Withholds the head of the answer.</summary>
    /// <param name="time">For how long, by the server's clock; null to wait until the client gives up.</param>
    public static Fault StallBeforeHead(TimeSpan? time = null) => new(FaultKind.StallBeforeHead) { For = NotNegative(time) };

    /// <summary>Limits the number of bytes that a read returns.</summary>
    /// <param name="bytes">The limit.</param>
    public static Fault SmallReads(int bytes) => new(FaultKind.SmallReads) { Bytes = Positive(bytes) };

    /// <summary>Delivers the body slowly, a few bytes at a time.</summary>
    /// <param name="bytes">The number of bytes that arrive at a time.</param>
    /// <param name="every">The interval, by the server's clock.</param>
    public static Fault Drip(int bytes, TimeSpan every) => new(FaultKind.Drip) { Bytes = Positive(bytes), For = NotNegative(every) };

    /// <summary>
    /// Sends an HTML page instead of the answer, as a proxy does: <see cref="LlmErrorKind.UnexpectedContentType"/> if the status is a
    /// success.
    /// </summary>
    /// <param name="status">The status of the page.</param>
    public static Fault HtmlPage(int status = 200) => new(FaultKind.Page) { Status = ScriptedServer.CheckStatus(status) };

    /// <summary>Reports an error inside an answer that began with status 200: <see cref="LlmErrorKind.StreamError"/>, with the kind as its
    /// cause. A whole answer contains only the error.</summary>
    /// <param name="kind">The kind of error, one of those that <see cref="ScriptedServer.Refuse"/> accepts.</param>
    /// <param name="pieces">The number of pieces of the answer that arrive first.</param>
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
