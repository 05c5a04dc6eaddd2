using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>One value in the body of an error, lent as it stands there; the body was read over before and is JSON.</summary>
internal readonly ref struct ErrorValue(ReadOnlySpan<byte> json)
{
    private readonly ReadOnlySpan<byte> _json = json;

    /// <summary>What it is.</summary>
    public JsonValueKind Kind => _json.IsEmpty ? JsonValueKind.Undefined : _json[0] switch
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

    /// <summary>A string's text, a number as it stands; null for all else.</summary>
    public string? Text => Kind switch
    {
        JsonValueKind.Number => Encoding.UTF8.GetString(_json),
        JsonValueKind.String => JsonText.Of(_json[1..^1], isEscaped: _json.Contains((byte)'\\')).ToString(),
        _ => null,
    };

    /// <summary>A number of things; null for all else.</summary>
    public long? Count
    {
        get
        {
            var reader = new Utf8JsonReader(_json);
            return Kind == JsonValueKind.Number && reader.Read() && reader.TryGetInt64(out long count) && count >= 0 ? count : null;
        }
    }

    /// <summary>True for what a message may be: a text that is not blank, a number, an object or an array.</summary>
    public bool SaysSomething => Kind switch
    {
        JsonValueKind.String => !string.IsNullOrWhiteSpace(Text),
        JsonValueKind.Number or JsonValueKind.Object or JsonValueKind.Array => true,
        _ => false,
    };

    /// <summary>How long to wait; null where it does not say so.</summary>
    /// <param name="unit">How many seconds a bare number counts.</param>
    public TimeSpan? ToWait(double unit)
    {
        if (Text is not { } text)
            return null;
        if (WaitTime.TryReadNumber(text, out double number))
            return WaitTime.Of(number * unit);
        return WaitTime.TryReadDuration(text, out var wait) ? wait : null;
    }
}
