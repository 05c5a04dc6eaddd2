using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The content or the summary of an item: a list of parts, or one text in its place.</summary>
internal ref struct ContentList
{
    private Utf8JsonReader _parts;

    /// <summary>False where there is none, or <see cref="Alone"/> stands in its place.</summary>
    public bool IsList { get; private set; }

    public JsonText Alone { get; private set; }

    /// <summary>Reads the value of the property that the reader stands on.</summary>
    public void Read(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            IsList = true;
            _parts = reader;
        }
        else if (reader.TokenType == JsonTokenType.String)
        {
            Alone = JsonText.Read(ref reader);
        }
        reader.Skip();
    }

    /// <summary>Reads the next part of the list; false at its end.</summary>
    public bool TryRead(OutputItem item, EventBuffer events, out ContentPart part)
    {
        part = default;
        if (!_parts.Read() || _parts.TokenType == JsonTokenType.EndArray)
            return false;
        if (_parts.TokenType == JsonTokenType.String)
        {
            part = new ContentPart { Kind = item.UsualKind, Text = JsonText.Read(ref _parts) };
        }
        else if (_parts.TokenType == JsonTokenType.StartObject)
        {
            part = ContentPart.Read(ref _parts, events);
            part.IsMisnamed = item.Kind == OutputItemKind.Reasoning && part.Kind == StreamEventKind.Text;
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
