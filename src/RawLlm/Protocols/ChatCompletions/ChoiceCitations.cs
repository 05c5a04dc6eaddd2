using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The sources that a choice names itself, in its <c>annotations</c> for instance; they may come before its text, so they wait for its end.</summary>
internal sealed class ChoiceCitations
{
    private readonly CitationList _known = new();
    private readonly List<Citation> _citations = [];
    private byte[] _last = [];
    private HashSet<string>? _urls;
    private int _given;

    /// <summary>Takes an array of one message or delta.</summary>
    /// <param name="annotations">The array.</param>
    /// <param name="place">Where each element stands, for quirks.</param>
    /// <param name="events">Tells the limits.</param>
    /// <returns>False where it is the same as the one before, and changes nothing.</returns>
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

    /// <summary>Takes one object, which may name several sources.</summary>
    public void AddOne(ReadOnlySpan<byte> json, EventBuffer events) => _known.AddAll(json, CitedUnit.Characters, _citations, events);

    /// <summary>Gives those that were not given yet.</summary>
    public void Give(int choice, int part, EventBuffer events)
    {
        while (_given < _citations.Count)
            events.Cite(choice, part, _citations[_given++]);
    }

    /// <summary>True where one of them has this address.</summary>
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
