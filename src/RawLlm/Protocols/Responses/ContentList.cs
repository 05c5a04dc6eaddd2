using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The content or the summary of an item: a list of parts, or one text instead.</summary>
internal ref struct ContentList
{
    private Utf8JsonReader _parts;
    private ReadOnlySpan<byte> _data;
    private JsonText _singleText;
    private bool _isList;

    /// <summary>Whether there is a list, or a text that is not empty.</summary>
    public readonly bool IsPresent => _isList || !_singleText.IsEmpty;

    /// <summary>Reads the value of the property that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        _data = data;
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            _isList = true;
            _parts = reader;
        }
        else if (reader.TokenType == JsonTokenType.String)
        {
            _singleText = JsonText.Read(ref reader);
        }
        reader.Skip();
    }

    /// <summary>Reads the next part; a text instead of a list counts as one. Returns false at the end.</summary>
    public bool TryRead(OutputItemKind kind, EventBuffer events, out ContentPart part)
    {
        part = default;
        // The kind of a text that does not state it.
        var usual = kind == OutputItemKind.Reasoning ? StreamEventKind.Reasoning : StreamEventKind.Text;
        if (!_isList)
        {
            part = new ContentPart { Kind = usual, Text = _singleText };
            _singleText = default;
            return !part.Text.IsEmpty;
        }
        if (!_parts.Read() || _parts.TokenType == JsonTokenType.EndArray)
            return false;
        if (_parts.TokenType == JsonTokenType.String)
        {
            part = new ContentPart { Kind = usual, Text = JsonText.Read(ref _parts) };
        }
        else if (_parts.TokenType == JsonTokenType.StartObject)
        {
            part = ContentPart.Read(ref _parts, _data, events);
            part.IsMisnamed = kind == OutputItemKind.Reasoning && part.Kind == StreamEventKind.Text;
            if (part.IsMisnamed)
                part.Kind = StreamEventKind.Reasoning;
        }
        else
        {
            _parts.Skip();
        }
        return true;
    }
}
