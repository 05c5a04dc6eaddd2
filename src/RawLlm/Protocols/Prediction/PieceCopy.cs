namespace RawLlm.Protocols;

/// <summary>Keeps the pieces of a text a second time, as they are on the wire, because they have to be sent back.</summary>
internal abstract class PieceCopy
{
    /// <summary>Whether a piece in the same form as the one before was kept here too, and there is room for it.</summary>
    /// <param name="length">The number of bytes to count against the limits.</param>
    /// <param name="events">Provides the limits.</param>
    public abstract bool CanAppend(int length, EventBuffer events);

    /// <summary>Keeps a piece that passed <see cref="CanAppend"/>.</summary>
    /// <param name="raw">The piece between its quotes.</param>
    /// <param name="length">The length passed to <see cref="CanAppend"/>.</param>
    /// <param name="events">Provides the limits.</param>
    public abstract void Append(ReadOnlySpan<byte> raw, int length, EventBuffer events);
}
