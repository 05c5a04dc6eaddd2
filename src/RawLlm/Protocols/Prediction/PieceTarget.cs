namespace RawLlm.Protocols;

/// <summary>What pieces of one kind are added to: a text, thoughts, a refusal, or the arguments of a function call.</summary>
/// <param name="kind">The kind of its events.</param>
/// <param name="choice">Which of several answers side by side.</param>
/// <param name="part">The number of the part.</param>
internal abstract class PieceTarget(StreamEventKind kind, int choice, int part)
{
    /// <summary>The id of the function call; null for a text.</summary>
    public string? Id;

    /// <summary>The name of the function; for a text its phase (<see cref="TextPart.Phase"/>), where there is one.</summary>
    public string? Name;

    /// <summary>The first half of a surrogate pair that the last piece ended with; zero when there is none.</summary>
    public char Pending;

    public StreamEventKind Kind { get; protected set; } = kind;

    public int Part { get; protected set; } = part;

    public int Choice => choice;

    /// <summary>Adds a piece and gives it as an event; nothing when it is empty.</summary>
    public abstract void Add(JsonText piece, EventBuffer events);

    /// <summary>Room for a piece behind those before it; none where the target keeps no pieces.</summary>
    public virtual Span<byte> Reserve(int most) => default;

    /// <summary>Adds a piece that was written into the room, where that does no more than to give the one event, whose bytes are then kept here (<see cref="Taken"/>).</summary>
    /// <param name="length">How many bytes it has.</param>
    /// <param name="events">Knows the bounds.</param>
    /// <returns>False where something else is to be done, and nothing was.</returns>
    public virtual bool TryTake(int length, EventBuffer events) => false;

    /// <summary>The bytes of the last piece that was taken.</summary>
    public virtual ReadOnlySpan<byte> Taken(int length) => default;
}
