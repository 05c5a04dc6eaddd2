namespace RawLlm;

/// <summary>A block that only the wire it came from understands, kept whole in <see cref="Part.WireData"/> so that it can go back.</summary>
public sealed record OpaquePart : Part
{
    /// <summary>Keeps a block.</summary>
    public OpaquePart(WireData data) => WireData = data ?? throw new ArgumentNullException(nameof(data));
}
