using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of a content block as they came, so that the block can go back; deltas are merged into them.</summary>
internal sealed class BlockMembers
{
    private readonly List<Member> _members = [];

    /// <summary>How many there are.</summary>
    public int Count => _members.Count;

    /// <summary>Adds a member.</summary>
    /// <param name="name">Its name between the quotes.</param>
    /// <param name="value">Its value, exactly as it came.</param>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _members.Add(new Member(name.ToArray(), value.ToArray()));

    /// <summary>Merges a delta: a text is joined to the text of its name, anything else takes the place of what was there.</summary>
    /// <returns>How many bytes were added.</returns>
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
            int i = Find(name);
            if (i < 0)
                Add(name, value);
            else if (isText && _members[i].Value is [(byte)'"', ..] before)
                // Escapes never reach over the end of a delta, so texts are joined as they stand.
                _members[i] = new Member(_members[i].Name, [.. before.AsSpan()[..^1], .. value[1..]]);
            else
                _members[i] = new Member(_members[i].Name, value.ToArray());
        }
        return added;
    }

    /// <summary>Gives a member another value; a new one is put last.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int i = Find(name);
        if (i < 0)
            Add(name, value);
        else
            _members[i] = new Member(_members[i].Name, value.ToArray());
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

    private int Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _members.Count; i++)
        {
            if (name.SequenceEqual(_members[i].Name))
                return i;
        }
        return -1;
    }

    private readonly record struct Member(byte[] Name, byte[] Value);
}
