namespace RawLlm.Comparisons.Loopback;

/// <summary>Takes what a client gives its caller.</summary>
internal abstract class TextSink
{
    /// <summary>A piece of text as bytes.</summary>
    public abstract void Text(ReadOnlySpan<byte> utf8);

    /// <summary>A piece of text as a string.</summary>
    public abstract void Text(string text);

    /// <summary>What a client that reads nothing into the bytes has read.</summary>
    public abstract void Raw(ReadOnlySpan<byte> bytes);
}
