using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>One entry of <see cref="ReasoningDetails"/>.</summary>
internal sealed class ReasoningDetail(ReasoningDetails entries) : PieceCopy
{
    private readonly KeptMembers _members = new();
    private byte[]? _singleEntry;
    private byte[] _textName = [];

    public required byte[] Type { get; init; }

    public required byte[] Index { get; init; }

    public bool HasText { get; private set; }

    public bool IsSigned => _members.Find("signature"u8) is { } signature && !WireJson.IsEmpty(signature.Value);

    /// <summary>The text between its quotes, escapes included: pieces can be joined without unescaping.</summary>
    public PooledBytes Text;

    /// <summary>Adds another element to the entry.</summary>
    /// <returns>True if the element added nothing but text, or was the first: the same element again adds only text.</returns>
    public bool Merge(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, JsonText text, ReadOnlySpan<byte> textName, int start)
    {
        bool isFirst = _members.Count == 0 && !HasText;
        bool hasChanged = !textName.SequenceEqual(_textName);
        if (text.IsPresent)
        {
            HasText = true;
            if (!textName.SequenceEqual(_textName))
                _textName = textName.ToArray();
            Text.Append(text.Raw);
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isText = ReasoningDetails.IsText(ref reader);
            var name = reader.ValueSpan;
            reader.Read();
            bool isString = reader.TokenType == JsonTokenType.String;
            var value = WireJson.SkipRaw(ref reader, data);
            // The text keeps its place among the members; its value is the joined text.
            hasChanged |= Set(name, isText && isString ? default : value);
        }
        // An entry that arrived in one piece goes back byte for byte.
        _singleEntry = isFirst ? data[start..checked((int)reader.BytesConsumed)].ToArray() : null;
        return isFirst || !hasChanged;
    }

    public override bool CanAppend(int length, EventBuffer events) =>
        entries.Last == this && !IsSigned && entries.CanRetain(length, events);

    public override void Append(ReadOnlySpan<byte> raw, int length, EventBuffer events)
    {
        entries.Retain(length, events);
        Text.Append(raw);
        _singleEntry = null;
    }

    public void Write(ref PooledBytes json)
    {
        if (_singleEntry is not null)
        {
            json.Append(_singleEntry);
            return;
        }
        json.Append("{"u8);
        for (int i = 0; i < _members.Count; i++)
        {
            var member = _members[i];
            json.Append(i == 0 ? "\""u8 : ",\""u8);
            json.Append(member.Name);
            json.Append("\":"u8);
            if (HasText && member.Name.AsSpan().SequenceEqual(_textName))
            {
                json.Append("\""u8);
                json.Append(Text.Span);
                json.Append("\""u8);
            }
            else
            {
                json.Append(member.Value.IsEmpty ? "null"u8 : member.Value);
            }
        }
        json.Append("}"u8);
    }

    private bool Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_members.Find(name) is not { } member)
        {
            _members.Add(name, value);
            return true;
        }
        bool hasChanged = !value.IsEmpty && !value.SequenceEqual("null"u8) && !value.SequenceEqual(member.Value);
        if (hasChanged)
            member.Set(value);
        return hasChanged;
    }
}
