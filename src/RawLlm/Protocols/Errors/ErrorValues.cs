using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Enumerates the members of an object or the items of an array in an error's body; empty for any other value.</summary>
internal ref struct ErrorValues
{
    // Anything longer is not a known name.
    private const int LongestName = 128;

    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    /// <summary>Starts before the first value.</summary>
    public ErrorValues(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json, ErrorBody.Lenient);
        _reader.Read();
    }

    /// <summary>The name of the member; empty for an item, and for a name that is not valid text.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The current value.</summary>
    public ErrorValue Value { get; private set; }

    /// <summary>The name in lower case without word separators; empty for a name that is too long to be known.</summary>
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

    /// <summary>Moves to the next value.</summary>
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
