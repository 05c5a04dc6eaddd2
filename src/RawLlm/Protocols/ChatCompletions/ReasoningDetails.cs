using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>OpenRouter's <c>reasoning_details</c>, or LiteLLM's <c>thinking_blocks</c>, which must go back unchanged: pieces of one entry are joined, everything else is kept as it came.</summary>
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
        ReadOnlySpan<byte> textName = default;
        ReadOnlySpan<byte> name;
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
            else if (IsText(ref scan))
            {
                name = scan.ValueSpan;
                scan.Read();
                if (scan.TokenType == JsonTokenType.String)
                {
                    text = JsonText.Read(ref scan);
                    textName = name;
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
        if (last is null || !last.Type.AsSpan().SequenceEqual(type) || !last.Index.AsSpan().SequenceEqual(index) || (!text.IsPresent && !last.HasText)
            // Blocks have no numbers: the signature ends one.
            || (!text.IsEmpty && textName.SequenceEqual("thinking"u8) && last.IsSigned))
            _entries.Add(last = new Entry { Type = type.ToArray(), Index = index.ToArray() });
        last.Merge(ref reader, data, text, textName, start);
        return text;
    }

    /// <summary>Writes the whole as a member of an object, which it begins where nothing is there yet.</summary>
    public void Write(ReadOnlySpan<byte> name, ref PooledBytes json)
    {
        if (_entries.Count == 0)
            return;
        json.Append(json.Length == 0 ? "{\""u8 : ",\""u8);
        json.Append(name);
        json.Append("\":["u8);
        for (int i = 0; i < _entries.Count; i++)
        {
            if (i > 0)
                json.Append(","u8);
            _entries[i].Write(ref json);
        }
        json.Append("]"u8);
    }

    private static bool IsText(scoped ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("summary"u8) || reader.ValueTextEquals("thinking"u8);

    public void Dispose()
    {
        foreach (var entry in _entries)
            entry.Text.Return();
    }

    private sealed class Entry
    {
        private readonly List<(byte[] Name, byte[] Value)> _members = [];
        private byte[]? _only;
        private byte[] _textName = [];

        public required byte[] Type { get; init; }

        public required byte[] Index { get; init; }

        public bool HasText { get; private set; }

        public bool IsSigned
        {
            get
            {
                foreach (var (name, value) in _members)
                {
                    if (name.AsSpan().SequenceEqual("signature"u8) && !WireJson.IsEmpty(value))
                        return true;
                }
                return false;
            }
        }

        /// <summary>The text between its quotes, escapes included: joining pieces needs no unescaping.</summary>
        public PooledBytes Text;

        public void Merge(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, JsonText text, ReadOnlySpan<byte> textName, int start)
        {
            bool isFirst = _members.Count == 0 && !HasText;
            if (text.IsPresent)
            {
                HasText = true;
                if (!textName.SequenceEqual(_textName))
                    _textName = textName.ToArray();
                Text.Append(text.Raw);
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isText = IsText(ref reader);
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
            json.Append("{"u8);
            bool isFirst = true;
            foreach (var (name, value) in _members)
            {
                json.Append(isFirst ? "\""u8 : ",\""u8);
                json.Append(name);
                json.Append("\":"u8);
                isFirst = false;
                if (HasText && name.AsSpan().SequenceEqual(_textName))
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
