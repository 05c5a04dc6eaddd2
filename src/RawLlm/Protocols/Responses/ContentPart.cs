using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>A content part of an item, or a part of its summary.</summary>
internal ref struct ContentPart
{
    /// <summary>The kind of text; <see cref="StreamEventKind.None"/> if the part is not text.</summary>
    public StreamEventKind Kind;

    public JsonText Text;

    /// <summary>The array of the text's citations; empty if there is none.</summary>
    public ReadOnlySpan<byte> Annotations;

    /// <summary>The log probabilities of the text's tokens; empty unless they are wanted.</summary>
    public ReadOnlySpan<byte> LogProbs;

    /// <summary>Whether this is reasoning that the service labels as text.</summary>
    public bool IsMisnamed;

    /// <summary>Reads the object that the reader is on.</summary>
    public static ContentPart Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        ReadOnlySpan<byte> annotations = default;
        ReadOnlySpan<byte> logProbs = default;
        JsonText type = default;
        JsonText words = default;
        JsonText refusal = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "type"u8))
                WireJson.TryReadText(ref reader, ref type, "content[].type", events);
            else if (WireJson.Is(ref reader, "text"u8))
                WireJson.TryReadText(ref reader, ref words, "content[].text", events);
            else if (WireJson.Is(ref reader, "refusal"u8))
                WireJson.TryReadText(ref reader, ref refusal, "content[].refusal", events);
            else if (WireJson.Is(ref reader, "annotations"u8))
                annotations = ReadAnnotations(ref reader, data, events);
            else if (events.Options.LogProbs && WireJson.Is(ref reader, "logprobs"u8) && reader.Read())
                logProbs = WireJson.SkipRaw(ref reader, data);
            else
                WireJson.SkipValue(ref reader);
        }
        var kind = KindOf(type);
        if (!type.IsPresent && !(words.IsEmpty && refusal.IsEmpty))
        {
            events.Note(QuirkKind.UnexpectedType, "content[].type");
            kind = words.IsEmpty ? StreamEventKind.Refusal : StreamEventKind.Text;
        }
        return new ContentPart
        {
            Kind = kind,
            Annotations = annotations,
            LogProbs = logProbs,
            Text = kind == StreamEventKind.Refusal && !refusal.IsEmpty ? refusal : words,
        };
    }

    private static ReadOnlySpan<byte> ReadAnnotations(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
            return WireJson.SkipRaw(ref reader, data);
        WireJson.SkipUnexpected(ref reader, "content[].annotations", events);
        return default;
    }

    private static StreamEventKind KindOf(JsonText type)
    {
        if (type.Is("output_text"u8) || type.Is("text"u8))
            return StreamEventKind.Text;
        if (type.Is("summary_text"u8) || type.Is("reasoning_text"u8))
            return StreamEventKind.Reasoning;
        return type.Is("refusal"u8) ? StreamEventKind.Refusal : StreamEventKind.None;
    }
}
