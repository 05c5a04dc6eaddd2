using System.Globalization;

namespace RawLlm.Extensions.AI;

/// <summary>
/// The length and hash of a text that may arrive in pieces, to check whether it is still the text that some data belongs to.
/// </summary>
/// <remarks>FNV-1a over UTF-16 code units. It detects edits, not forgeries, which the service itself refuses.</remarks>
internal struct TextMark
{
    private const uint Basis = 2166136261;
    private const uint Prime = 16777619;

    // Stored without the basis, so that the default value is the mark of an empty text.
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
