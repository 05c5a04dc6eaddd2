using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>One value in the body of an error, not copied. The body was already checked to be valid JSON.</summary>
internal readonly ref struct ErrorValue(ReadOnlySpan<byte> json)
{
    private readonly ReadOnlySpan<byte> _json = json;

    /// <summary>The type of the value.</summary>
    public JsonValueKind Kind =>
        _json.IsEmpty
            ? JsonValueKind.Undefined
            : _json[0] switch
            {
                (byte)'{' => JsonValueKind.Object,
                (byte)'[' => JsonValueKind.Array,
                (byte)'"' => JsonValueKind.String,
                (byte)'t' => JsonValueKind.True,
                (byte)'f' => JsonValueKind.False,
                (byte)'n' => JsonValueKind.Null,
                _ => JsonValueKind.Number,
            };

    /// <summary>The members of an object, or the items of an array.</summary>
    public ErrorValues Values => new(_json);

    /// <summary>The text of a string, or a number as it is; null for anything else.</summary>
    public string? Text =>
        Kind switch
        {
            JsonValueKind.Number => Encoding.UTF8.GetString(_json),
            JsonValueKind.String => JsonText.Of(_json[1..^1], isEscaped: _json.Contains((byte)'\\')).ToString(),
            _ => null,
        };

    /// <summary>A non-negative integer; null for anything else.</summary>
    public long? Count
    {
        get
        {
            var reader = new Utf8JsonReader(_json);
            return Kind == JsonValueKind.Number && reader.Read() && reader.TryGetInt64(out long count) && count >= 0 ? count : null;
        }
    }

    /// <summary>Whether the value can be a message: a string that is not blank, a number, an object or an array.</summary>
    public bool CanBeMessage =>
        Kind switch
        {
            JsonValueKind.String => !string.IsNullOrWhiteSpace(Text),
            JsonValueKind.Number or JsonValueKind.Object or JsonValueKind.Array => true,
            _ => false,
        };

    /// <summary>Returns how long to wait; null if the value does not say.</summary>
    /// <param name="unit">The number of seconds in one unit of a bare number.</param>
    public TimeSpan? ToWait(double unit)
    {
        if (Text is not { } text)
            return null;
        if (WaitTime.TryReadNumber(text, out double number))
            return WaitTime.Of(number * unit);
        return WaitTime.TryReadDuration(text, out var wait) ? wait : null;
    }
}
