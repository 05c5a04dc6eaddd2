namespace RawLlm.Protocols;

/// <summary>The target that pieces of one kind are added to: a text, reasoning, a refusal, or the arguments of a tool call.</summary>
/// <param name="kind">The kind of its events.</param>
/// <param name="choice">The number of the choice.</param>
/// <param name="part">The number of the part.</param>
internal abstract class PieceTarget(StreamEventKind kind, int choice, int part)
{
    /// <summary>The ID of the tool call; null for a text.</summary>
    public string? Id;

    /// <summary>The name of the tool; for a text its phase (<see cref="TextPart.Phase"/>), if there is one.</summary>
    public string? Name;

    /// <summary>The first half of a surrogate pair at the end of the last piece; zero if there is none.</summary>
    public char Pending;

    public StreamEventKind Kind { get; protected set; } = kind;

    public int Part { get; protected set; } = part;

    public int Choice => choice;

    /// <summary>Adds a piece and emits it; an empty piece adds nothing.</summary>
    public abstract void Add(JsonText piece, EventBuffer events);

    /// <summary>Returns room for a piece after the earlier ones; empty if the target keeps no pieces.</summary>
    public virtual Span<byte> Reserve(int maxLength) => default;

    /// <summary>
    /// Adds a piece that was written into the room, if that only results in the one event, whose bytes are then kept here
    /// (<see cref="LastPiece"/>).
    /// </summary>
    /// <param name="length">The number of bytes of the piece.</param>
    /// <param name="events">Provides the limits.</param>
    /// <returns>False, without any effect, if something else has to be done.</returns>
    public virtual bool TryAppend(int length, EventBuffer events) => false;

    /// <summary>The bytes of the last piece that was taken.</summary>
    public virtual ReadOnlySpan<byte> LastPiece(int length) => default;
}
