using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The citations of one choice, for example in its <c>annotations</c>. They may arrive before its text, so they wait for its end.
/// </summary>
internal sealed class ChoiceCitations
{
    private readonly CitationList _known = new();
    private readonly List<Citation> _citations = [];
    private byte[] _last = [];
    private HashSet<string>? _urls;
    private int _emittedCount;

    /// <summary>Reads an array of one message or delta.</summary>
    /// <param name="annotations">The array.</param>
    /// <param name="place">The place of each element, for quirks.</param>
    /// <param name="events">Provides the limits.</param>
    /// <returns>False if the array is the same as the one before, and so changes nothing.</returns>
    public bool Add(ReadOnlySpan<byte> annotations, string place, EventBuffer events)
    {
        if (annotations.SequenceEqual(_last))
            return false;
        _known.Count(Math.Max(0, annotations.Length - _last.Length), events);
        _last = annotations.ToArray();
        var reader = WireJson.Reader(annotations, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var type = reader;
            var json = WireJson.SkipRaw(ref reader, annotations);
            if (CitationReader.IsObject(json, place, events) && !IsFile(type))
                AddOne(json, events);
        }
        return true;
    }

    /// <summary>Reads one object, which may name several sources.</summary>
    public void AddOne(ReadOnlySpan<byte> json, EventBuffer events) => _known.AddAll(json, CitedUnit.Characters, _citations, events);

    /// <summary>Emits the citations that were not emitted yet.</summary>
    public void Emit(int choice, int part, EventBuffer events)
    {
        while (_emittedCount < _citations.Count)
            events.Cite(choice, part, _citations[_emittedCount++]);
    }

    /// <summary>Whether one of the citations has this URL.</summary>
    public bool Has(string url)
    {
        if (_urls is null)
        {
            _urls = new(StringComparer.Ordinal);
            foreach (var citation in _citations)
                _urls.Add(citation.Url ?? "");
        }
        return _urls.Contains(url);
    }

    // OpenRouter (2025) annotates an answer with what it read in a file of the request.
    private static bool IsFile(Utf8JsonReader annotation)
    {
        while (annotation.Read() && annotation.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Name(ref annotation).SequenceEqual("type"u8);
            annotation.Read();
            if (isType && annotation.TokenType == JsonTokenType.String)
                return WireJson.Is(ref annotation, "file"u8);
            annotation.Skip();
        }
        return false;
    }
}
