using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reads the content blocks of a whole answer into the same content that a stream fills piece by piece.</summary>
internal readonly ref struct ConverseBlockReader
{
    private readonly ConverseContent _content;
    private readonly ReadOnlySpan<byte> _body;
    private readonly EventBuffer _events;

    /// <param name="content">Receives the blocks.</param>
    /// <param name="body">The whole answer, which the readers read.</param>
    /// <param name="events">Receives the events.</param>
    public ConverseBlockReader(ConverseContent content, ReadOnlySpan<byte> body, EventBuffer events)
    {
        _content = content;
        _body = body;
        _events = events;
    }

    /// <summary>Reads the message that the reader is on.</summary>
    public void ReadMessage(scoped ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isContent = WireJson.Is(ref reader, "content"u8);
            reader.Read();
            if (isContent && reader.TokenType == JsonTokenType.StartArray)
                ReadContent(ref reader);
            else
                reader.Skip();
        }
    }

    private void ReadContent(scoped ref Utf8JsonReader list)
    {
        for (int i = 0; list.Read() && list.TokenType != JsonTokenType.EndArray; i++)
        {
            if (list.TokenType != JsonTokenType.StartObject)
                WireJson.ThrowType("content[]", list.TokenType);
            ReadBlock(ref list, i);
        }
    }

    private void ReadBlock(scoped ref Utf8JsonReader reader, int index)
    {
        int start = checked((int)reader.TokenStartIndex);
        ConverseBlock? block = null;
        ReadOnlySpan<byte> citations = default;
        bool hasOther = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "text"u8))
            {
                JsonText text = default;
                if (WireJson.TryReadText(ref reader, ref text, "content[].text", _events))
                    _content.AddText(block = _content.Add(ConverseBlockKind.Text, index, _events), text, _events);
                continue;
            }
            bool isCall = WireJson.Is(ref reader, "toolUse"u8);
            bool isReasoning = WireJson.Is(ref reader, "reasoningContent"u8);
            bool isCited = WireJson.Is(ref reader, "citationsContent"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            var value = reader;
            reader.Skip();
            if (isCall && value.TokenType == JsonTokenType.StartObject)
                block = ReadCall(ref value, index);
            else if (isReasoning && value.TokenType == JsonTokenType.StartObject)
                block = ReadThoughts(ref value, index);
            else if (isCited && value.TokenType == JsonTokenType.StartObject)
                block = ReadCited(ref value, index, out citations);
            hasOther = true;
        }
        if (block is null && hasOther)
        {
            block = _content.Store(_body[start..checked((int)reader.BytesConsumed)], index, _events);
            _content.CiteAll(block, citations, _events);
        }
        if (block is not null)
            _content.End(block, _events);
    }

    // Returns null for a call that the service runs, which is kept whole.
    private ConverseBlock? ReadCall(scoped ref Utf8JsonReader reader, int index)
    {
        var call = new ConverseCall();
        call.Read(ref reader, _body);
        return call.IsOfService ? null : _content.BeginCall(call, index, _events);
    }

    // Returns null for reasoning that is kept whole.
    private ConverseBlock? ReadThoughts(scoped ref Utf8JsonReader reader, int index)
    {
        if (!ConverseAnswer.TryFind(ref reader, "reasoningText"u8, out var inner))
            return null;
        JsonText text = default;
        JsonText signature = default;
        while (inner.Read() && inner.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref inner, "text"u8))
                WireJson.TryReadText(ref inner, ref text, "reasoningText.text", _events);
            else if (WireJson.Is(ref inner, "signature"u8))
                WireJson.TryReadText(ref inner, ref signature, "reasoningText.signature", _events);
            else
                WireJson.SkipValue(ref inner);
        }
        var block = _content.Add(ConverseBlockKind.Reasoning, index, _events);
        _content.AddText(block, text, _events);
        _content.Sign(block, signature, _events);
        return block;
    }

    // Returns null for a block with citations and no text, which is kept whole.
    private ConverseBlock? ReadCited(scoped ref Utf8JsonReader reader, int index, out ReadOnlySpan<byte> citations)
    {
        Utf8JsonReader content = default;
        bool hasContent = false;
        citations = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isContent = WireJson.Is(ref reader, "content"u8);
            bool isCitations = WireJson.Is(ref reader, "citations"u8);
            reader.Read();
            if (isContent && reader.TokenType == JsonTokenType.StartArray)
            {
                content = reader;
                hasContent = true;
            }
            else if (isCitations && reader.TokenType == JsonTokenType.StartArray)
            {
                citations = WireJson.SkipRaw(ref reader, _body);
            }
            reader.Skip();
        }
        var block = hasContent ? ReadCitingText(ref content, index) : null;
        if (block is not null)
            _content.CiteAll(block, citations, _events);
        return block;
    }

    private ConverseBlock? ReadCitingText(scoped ref Utf8JsonReader list, int index)
    {
        ConverseBlock? block = null;
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            if (list.TokenType != JsonTokenType.StartObject)
            {
                WireJson.SkipUnexpected(ref list, "citationsContent.content[]", _events);
                continue;
            }
            JsonText text = default;
            while (list.Read() && list.TokenType == JsonTokenType.PropertyName)
            {
                if (WireJson.Is(ref list, "text"u8))
                    WireJson.TryReadText(ref list, ref text, "citationsContent.content[].text", _events);
                else
                    WireJson.SkipValue(ref list);
            }
            if (!text.IsEmpty)
                _content.AddText(block ??= _content.Add(ConverseBlockKind.Text, index, _events), text, _events);
        }
        return block;
    }
}
