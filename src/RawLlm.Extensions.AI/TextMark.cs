using System.Globalization;

namespace RawLlm.Extensions.AI;

/// <summary>Length and hash of a text that comes in pieces: tells whether it is still the one that something belongs to.</summary>
/// <remarks>FNV-1a over UTF-16 units; it guards against edits, not against forgers, whom the service itself refuses.</remarks>
internal struct TextMark
{
    private const uint Prime = 16777619;

    private uint _hash;
    private int _length;

    public readonly bool IsEmpty => _length == 0;

    public static string Of(string text)
    {
        var mark = new TextMark();
        mark.Add(text);
        return mark.ToString();
    }

    public void Add(string text)
    {
        uint hash = _length == 0 ? 2166136261 : _hash;
        foreach (char unit in text)
            hash = (hash ^ unit) * Prime;
        (_hash, _length) = (hash, _length + text.Length);
    }

    public override readonly string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_length}-{_hash:x}");
}
