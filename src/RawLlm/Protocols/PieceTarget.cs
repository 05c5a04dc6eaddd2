namespace RawLlm.Protocols;

/// <summary>What pieces of one kind are added to: a text, thoughts, a refusal, or the arguments of a function call.</summary>
internal abstract class PieceTarget
{
    /// <summary>The first half of a surrogate pair that the last piece ended with; zero when there is none.</summary>
    public char Pending;

    /// <summary>Adds a piece and gives it as an event; nothing when it is empty.</summary>
    public abstract void Add(JsonText piece, EventBuffer events);
}
