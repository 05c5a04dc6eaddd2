namespace RawLlm.Protocols;

/// <summary>Finds arrays by their bytes. A set of references, with this, is one that a native program holds anyway; each kind of value wants a set of its own.</summary>
internal sealed class SameBytes : IEqualityComparer<byte[]>
{
    public static readonly SameBytes Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj)
    {
        var hash = new HashCode();
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
