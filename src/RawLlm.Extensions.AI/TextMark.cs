using System.Globalization;

namespace RawLlm.Extensions.AI;

/// <summary>Length and hash of a text that comes in pieces: tells whether it is still the one that something belongs to.</summary>
/// <remarks>FNV-1a over UTF-16 units; it guards against edits, not against forgers, whom the service itself refuses.</remarks>
internal struct TextMark
{
    private const uint Basis = 2166136261;
    private const uint Prime = 16777619;

    // Without the basis, so that a mark to which nothing was added is that of an empty text.
    private uint _hash;
    private int _length;

    public static string Of(string text)
    {
        var mark = new TextMark();
        mark.Add(text);
        return mark.ToString();
    }

    public void Add(string text)
    {
        uint hash = _hash ^ Basis;
        foreach (char unit in text)
            hash = (hash ^ unit) * Prime;
        (_hash, _length) = (hash ^ Basis, _length + text.Length);
    }

    public override readonly string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_length}-{_hash:x}");
}
