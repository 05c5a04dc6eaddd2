using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Decodes what Anthropic's first models on Bedrock stream: pieces of one text, each in an object of its own, the last with a stop reason.</summary>
/// <remarks>Source: docs.aws.amazon.com/bedrock/latest/userguide, "Anthropic Claude Text Completions". Read alone: such requests are not written.</remarks>
internal sealed class TextCompletionDecoder
{
    private readonly TextRun _text = new(StreamEventKind.Text, 0, 0, "completion");
    private UsageCounter _usage;

    public Usage? Usage => _usage.ToUsage();

    /// <summary>Whether an event is of this kind: it has no <c>type</c>, but a <c>completion</c>.</summary>
    /// <param name="data">The event.</param>
    /// <param name="isForeign">True for an object that is neither this nor an event of the Messages wire.</param>
    /// <param name="options">Tells the limits.</param>
    public static bool IsPiece(ReadOnlySpan<byte> data, out bool isForeign, DecoderOptions options)
    {
        isForeign = false;
        var reader = WireJson.Reader(data, options);
        if (data.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        bool isPiece = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
                return false;
            isPiece |= reader.ValueTextEquals("completion"u8);
            reader.Read();
            reader.Skip();
        }
        isForeign = !isPiece;
        return isPiece;
    }

    /// <summary>Reads a whole answer of this kind; false where it is none.</summary>
    public static bool TryReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        try
        {
            if (!IsPiece(body, out _, events.Options))
                return false;
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            // The decoder of the Messages wire says what is wrong with it.
            return false;
        }
        var decoder = new TextCompletionDecoder();
        events.Add(StreamEventKind.Connected);
        try
        {
            if (decoder.Decode(body, events))
                decoder.Finish(null, events);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw WireJson.Malformed(e, "The answer", decoder.Usage);
        }
        return true;
    }

    /// <summary>Decodes one piece.</summary>
    /// <returns>False when the answer has ended.</returns>
    public bool Decode(ReadOnlySpan<byte> data, EventBuffer events)
    {
        string? stop = null;
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            reader.Read();
            if (name.SequenceEqual("completion"u8) && reader.TokenType == JsonTokenType.String)
                _text.Add(JsonText.Read(ref reader), events);
            else if (name.SequenceEqual("stop_reason"u8) && reader.TokenType == JsonTokenType.String)
                stop = JsonText.Read(ref reader).ToString();
            else if (name.SequenceEqual("amazon-bedrock-invocationMetrics"u8) && reader.TokenType == JsonTokenType.StartObject)
                ReadMetrics(ref reader, events);
            else
                reader.Skip();
        }
        // The reader tells of anything that stands after the object.
        reader.Read();
        if (stop is null)
            return true;
        Finish(stop, events);
        return false;
    }

    private void Finish(string? stop, EventBuffer events)
    {
        _text.Flush(events);
        if (stop is null)
            events.Note(QuirkKind.NoFinishReason, "stop_reason");
        events.Stop(0, StopWords.Read(stop), stop);
        if (Usage is { } usage)
            events.Usage(usage);
        events.Add(StreamEventKind.Done);
    }

    private void ReadMetrics(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isInput = reader.ValueTextEquals("inputTokenCount"u8);
            bool isOutput = reader.ValueTextEquals("outputTokenCount"u8);
            reader.Read();
            if (isInput)
                UsageCounter.Read(ref reader, ref _usage.Input, "inputTokenCount", events);
            else if (isOutput)
                UsageCounter.Read(ref reader, ref _usage.Output, "outputTokenCount", events);
            else
                reader.Skip();
        }
    }
}
