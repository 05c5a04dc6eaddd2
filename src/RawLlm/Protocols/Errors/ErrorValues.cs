using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of an object or the items of an array in the body of an error, one after the other; none for any other value.</summary>
internal ref struct ErrorValues
{
    // What is longer is no name that anyone knows.
    private const int LongestName = 128;

    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    /// <summary>Begins before the first.</summary>
    public ErrorValues(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, ErrorBody.Lenient);
        _reader.Read();
    }

    /// <summary>A member's name as it stands; empty for an item, and for a name that is no text.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The value.</summary>
    public ErrorValue Value { get; private set; }

    /// <summary>The name in lower case, without what separates its words; empty for one that is no known name anyway.</summary>
    public readonly string Key
    {
        get
        {
            if (Name.Length > LongestName)
                return "";
            Span<char> key = stackalloc char[LongestName];
            int length = 0;
            foreach (char c in Name)
            {
                if (c is not ('_' or '-' or ' '))
                    key[length++] = char.ToLowerInvariant(c);
            }
            return key[..length].ToString();
        }
    }

    /// <summary>Moves to the next.</summary>
    public bool MoveNext()
    {
        if (!_reader.Read() || _reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            return false;
        if (_reader.TokenType == JsonTokenType.PropertyName)
        {
            Name = JsonText.Read(ref _reader).TryToString() ?? "";
            _reader.Read();
        }
        int start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        Value = new(_json[start..(int)_reader.BytesConsumed]);
        return true;
    }
}
