using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>OpenRouter's <c>reasoning_details</c>, which must go back unchanged: pieces of one entry are joined, everything else is kept as it came.</summary>
/// <remarks>Source: openrouter.ai/docs, "Preserving reasoning" (2026). Consecutive entries of one type and one index are pieces of one entry.</remarks>
internal sealed class ReasoningDetails : IDisposable
{
    private readonly List<Entry> _entries = [];

    /// <summary>Takes one element of the array.</summary>
    /// <returns>The text that may be shown: of a text or a summary, not of what is encrypted.</returns>
    public JsonText Add(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        int start = checked((int)reader.TokenStartIndex);
        var scan = reader;
        ReadOnlySpan<byte> type = default;
        ReadOnlySpan<byte> index = default;
        JsonText text = default;
        bool isSummary = false;
        while (scan.Read() && scan.TokenType == JsonTokenType.PropertyName)
        {
            if (scan.ValueTextEquals("type"u8))
            {
                scan.Read();
                type = WireJson.SkipRaw(ref scan, data);
            }
            else if (scan.ValueTextEquals("index"u8))
            {
                scan.Read();
                index = WireJson.SkipRaw(ref scan, data);
            }
            else if (scan.ValueTextEquals("text"u8) || scan.ValueTextEquals("summary"u8))
            {
                bool named = scan.ValueTextEquals("summary"u8);
                scan.Read();
                if (scan.TokenType == JsonTokenType.String)
                {
                    text = JsonText.Read(ref scan);
                    isSummary = named;
                }
                scan.Skip();
            }
            else
            {
                scan.Read();
                scan.Skip();
            }
        }
        var last = _entries.Count > 0 ? _entries[^1] : null;
        if (last is null || !last.Type.AsSpan().SequenceEqual(type) || !last.Index.AsSpan().SequenceEqual(index) || (!text.IsPresent && !last.HasText))
            _entries.Add(last = new Entry { Type = type.ToArray(), Index = index.ToArray() });
        last.Merge(ref reader, data, text, isSummary, start);
        return text;
    }

    /// <summary>Gives the whole as something that goes back with the thoughts.</summary>
    public void Write(ChoiceState choice, EventBuffer events)
    {
        if (_entries.Count == 0)
            return;
        var json = new PooledBytes();
        json.Append("{\"reasoning_details\":["u8);
        for (int i = 0; i < _entries.Count; i++)
        {
            if (i > 0)
                json.Append(","u8);
            _entries[i].Write(ref json);
        }
        json.Append("]}"u8);
        int part = choice.ReasoningPart >= 0 ? choice.ReasoningPart : choice.NextPart++;
        events.Add(StreamEventKind.WireData, choice.Index, part, json.Span, name: "chat-completions");
        json.Return();
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
            entry.Text.Return();
    }

    private sealed class Entry
    {
        private readonly List<(byte[] Name, byte[] Value)> _members = [];
        private byte[]? _only;
        private bool _isSummary;

        public required byte[] Type { get; init; }

        public required byte[] Index { get; init; }

        public bool HasText { get; private set; }

        /// <summary>The text between its quotes, escapes included: joining pieces needs no unescaping.</summary>
        public PooledBytes Text;

        public void Merge(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, JsonText text, bool isSummary, int start)
        {
            bool isFirst = _members.Count == 0 && !HasText;
            if (text.IsPresent)
            {
                HasText = true;
                _isSummary = isSummary;
                Text.Append(text.Raw);
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isText = reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("summary"u8);
                var name = reader.ValueSpan;
                reader.Read();
                bool isString = reader.TokenType == JsonTokenType.String;
                var value = WireJson.SkipRaw(ref reader, data);
                // The text keeps its place among the members; its value is the joined one.
                Set(name, isText && isString ? default : value);
            }
            // An entry that came in one piece goes back byte for byte.
            _only = isFirst ? data[start..checked((int)reader.BytesConsumed)].ToArray() : null;
        }

        public void Write(ref PooledBytes json)
        {
            if (_only is not null)
            {
                json.Append(_only);
                return;
            }
            var textName = _isSummary ? "summary"u8 : "text"u8;
            json.Append("{"u8);
            bool isFirst = true;
            foreach (var (name, value) in _members)
            {
                json.Append(isFirst ? "\""u8 : ",\""u8);
                json.Append(name);
                json.Append("\":"u8);
                isFirst = false;
                if (HasText && name.AsSpan().SequenceEqual(textName))
                {
                    json.Append("\""u8);
                    json.Append(Text.Span);
                    json.Append("\""u8);
                }
                else
                {
                    json.Append(value.Length > 0 ? value : "null"u8);
                }
            }
            json.Append("}"u8);
        }

        private void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            for (int i = 0; i < _members.Count; i++)
            {
                if (_members[i].Name.AsSpan().SequenceEqual(name))
                {
                    if (!value.IsEmpty && !value.SequenceEqual("null"u8) && !value.SequenceEqual(_members[i].Value))
                        _members[i] = (_members[i].Name, value.ToArray());
                    return;
                }
            }
            _members.Add((name.ToArray(), value.ToArray()));
        }
    }
}
