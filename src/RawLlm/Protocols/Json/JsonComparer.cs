using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// Compares JSON, ignoring white space and how strings are escaped. Members in another order and numbers in another form count as
/// different.
/// </summary>
internal static class JsonComparer
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonValidity.MaxLevels };

    /// <summary>Whether both are complete and equal.</summary>
    public static bool Is(ReadOnlySpan<byte> json, ReadOnlySpan<byte> other)
    {
        var one = new Utf8JsonReader(json, Options);
        var two = new Utf8JsonReader(other, Options);
        try
        {
            // Read in parallel, so that comparing short JSON with long JSON costs little.
            while (one.Read())
            {
                if (!two.Read() || !IsSame(ref one, ref two))
                    return false;
            }
            return !two.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether JSON that may be cut off anywhere is the beginning of a complete value, or all of it.</summary>
    /// <param name="begun">The JSON that may be cut off.</param>
    /// <param name="json">One complete value.</param>
    public static bool Begins(ReadOnlySpan<byte> begun, ReadOnlySpan<byte> json)
    {
        var some = new Utf8JsonReader(begun, isFinalBlock: false, new JsonReaderState(Options));
        var all = new Utf8JsonReader(json, Options);
        try
        {
            while (some.Read())
            {
                if (!all.Read() || !IsSame(ref some, ref all))
                    return false;
            }
        }
        catch (JsonException)
        {
            return false;
        }
        var rest = begun[(int)some.BytesConsumed..].Trim(WireJson.WhiteSpace);
        if (rest.IsEmpty)
            return true;
        if (!all.Read() || (rest[0] == ',' && all.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray))
            return false;
        rest = rest.TrimStart(" \t\r\n,:"u8);
        if (rest.IsEmpty)
            return true;
        return rest[0] == '"'
            ? all.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && BeginsText(rest[1..], JsonText.Read(ref all))
            : all.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) && all.ValueSpan.StartsWith(rest);
    }

    private static bool IsSame(ref Utf8JsonReader one, ref Utf8JsonReader two)
    {
        if (one.TokenType != two.TokenType)
            return false;
        if (one.ValueSpan.SequenceEqual(two.ValueSpan))
            return true;
        return one.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
            && (one.ValueIsEscaped || two.ValueIsEscaped)
            && Unescaped(JsonText.Read(ref one)).SequenceEqual(Unescaped(JsonText.Read(ref two)));
    }

    // The last escape may be incomplete.
    private static bool BeginsText(ReadOnlySpan<byte> begun, JsonText text)
    {
        int at = 0;
        bool isEscaped = false;
        while (at < begun.Length && begun[at] != '"')
        {
            int length =
                begun[at] != '\\' ? 1
                : at + 1 < begun.Length && begun[at + 1] == 'u' ? 6
                : 2;
            if (at + length > begun.Length)
            {
                begun = begun[..at];
                break;
            }
            isEscaped |= length > 1;
            at += length;
        }
        var some = Unescaped(JsonText.Of(begun[..at], isEscaped));
        var all = Unescaped(text);
        return at < begun.Length ? all.SequenceEqual(some) : all.StartsWith(some);
    }

    private static ReadOnlySpan<byte> Unescaped(JsonText text)
    {
        if (!text.IsEscaped)
            return text.Raw;
        byte[] bytes = new byte[text.MaxLength];
        char pending = '\0';
        return bytes.AsSpan(0, text.CopyTo(bytes, ref pending, out _));
    }
}
