namespace RawLlm.Protocols;

/// <summary>Keeps the pieces of a text once more, as they stand on the wire, because they are to go back.</summary>
internal abstract class PieceCopy
{
    /// <summary>Whether a piece that is said as the one before was is kept here too, and there is room for it.</summary>
    /// <param name="length">How many bytes are to be counted against the bounds.</param>
    /// <param name="events">Knows the bounds.</param>
    public abstract bool CanKeep(int length, EventBuffer events);

    /// <summary>Keeps a piece that can be kept.</summary>
    /// <param name="raw">What stands between its quotes.</param>
    /// <param name="length">What <see cref="CanKeep"/> was asked for.</param>
    /// <param name="events">Knows the bounds.</param>
    public abstract void Keep(ReadOnlySpan<byte> raw, int length, EventBuffer events);
}
