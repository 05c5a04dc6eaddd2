using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of a content block as they arrived, so that the block can be sent back. Deltas are merged into them.</summary>
internal sealed class KeptBlockMembers
{
    private readonly KeptMembers _members = new();

    /// <summary>The number of members.</summary>
    public int Count => _members.Count;

    /// <summary>Adds a member.</summary>
    /// <param name="name">The name, between its quotes.</param>
    /// <param name="value">The value, exactly as it arrived.</param>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _members.Add(name, value);

    /// <summary>Merges a delta: a string is appended to the string of the same name, any other value replaces what was there.</summary>
    /// <returns>The number of bytes added.</returns>
    public int Merge(ReadOnlySpan<byte> delta, DecoderOptions options)
    {
        int added = 0;
        var reader = WireJson.Reader(delta, options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Name(ref reader).SequenceEqual("type"u8);
            var name = reader.ValueSpan;
            reader.Read();
            bool isText = reader.TokenType == JsonTokenType.String;
            bool isNull = reader.TokenType == JsonTokenType.Null;
            var value = WireJson.SkipRaw(ref reader, delta);
            if (isType || isNull)
                continue;
            added += value.Length;
            var member = _members.Find(name);
            if (member is null)
                Add(name, value);
            else if (isText && member.Value is [(byte)'"', ..])
                member.AppendString(value);
            else
                member.Set(value);
        }
        return added;
    }

    /// <summary>Sets the value of a member; a new member is added at the end.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_members.Find(name) is { } member)
            member.Set(value);
        else
            Add(name, value);
    }

    /// <summary>Writes the members without the braces around them.</summary>
    public void Write(ref PooledBytes json)
    {
        for (int i = 0; i < _members.Count; i++)
        {
            json.Append(i == 0 ? "\""u8 : ",\""u8);
            json.Append(_members[i].Name);
            json.Append("\":"u8);
            json.Append(_members[i].Value);
        }
    }
}
