namespace RawLlm.Comparisons.Loopback;

/// <summary>Receives what a client returns to its caller.</summary>
internal abstract class TextSink
{
    /// <summary>Receives a piece of text as bytes.</summary>
    public abstract void Text(ReadOnlySpan<byte> utf8);

    /// <summary>Receives a piece of text as a string.</summary>
    public abstract void Text(string text);

    /// <summary>Receives the bytes of a client that does not decode them.</summary>
    public abstract void Raw(ReadOnlySpan<byte> bytes);
}
