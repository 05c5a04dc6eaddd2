using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The <c>annotations</c> of a choice that tell its sources; they may come before its text, so they wait for its end.</summary>
internal sealed class ChoiceCitations
{
    private readonly CitationList _known = new();
    private readonly List<Citation> _citations = [];
    private byte[] _last = [];
    private HashSet<string>? _urls;

    /// <summary>Takes the array of one message or delta.</summary>
    /// <returns>False where it is the same as the one before, and changes nothing.</returns>
    public bool Add(ReadOnlySpan<byte> annotations, EventBuffer events)
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
            if (CitationReader.IsObject(json, "choices[].delta.annotations[]", events) && !IsFile(type) && _known.Add(json, CitedUnit.Characters, events) is { } citation)
                _citations.Add(citation);
        }
        return true;
    }

    /// <summary>Gives them.</summary>
    public void Give(int choice, int part, EventBuffer events)
    {
        foreach (var citation in _citations)
            events.Cite(choice, part, citation);
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
                return annotation.ValueTextEquals("file"u8);
            annotation.Skip();
        }
        return false;
    }
}
