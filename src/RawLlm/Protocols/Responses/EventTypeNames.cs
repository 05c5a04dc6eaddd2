using System.Text;

namespace RawLlm.Protocols;

/// <summary>The names of events that are passed on unchanged. The wire has few, so each becomes a string only once.</summary>
internal struct EventTypeNames
{
    private const int MaxCount = 64;

    private List<(byte[] Utf8, string Text)>? _known;

    /// <summary>Returns the name of an event: from its JSON, or otherwise from the framing.</summary>
    public string Get(JsonText type, ReadOnlySpan<byte> frameType)
    {
        if (type.IsEscaped)
            return type.ToString();
        var utf8 = type.IsEmpty ? frameType : type.Raw;
        _known ??= [];
        foreach (var (known, text) in _known)
        {
            if (utf8.SequenceEqual(known))
                return text;
        }
        string name = Encoding.UTF8.GetString(utf8);
        if (_known.Count < MaxCount)
            _known.Add((utf8.ToArray(), name));
        return name;
    }
}
