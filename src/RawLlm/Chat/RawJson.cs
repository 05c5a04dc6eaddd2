using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RawLlm;

/// <summary>One JSON value, kept as the exact bytes in which it was given.</summary>
/// <remarks>
/// The text is checked once, when the value is made, and never written again in another form. Two values are equal when
/// their bytes are. <see langword="default"/> is no value at all (<see cref="IsEmpty"/>), which is not JSON's <c>null</c>.
/// </remarks>
[JsonConverter(typeof(RawJsonConverter))]
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct RawJson : IEquatable<RawJson>
{
    // As of the platform's readers, which take no more of what they are given.
    private const int MostLevels = 64;

    private readonly ReadOnlyMemory<byte> _utf8;

    private RawJson(ReadOnlyMemory<byte> utf8) => _utf8 = utf8;

    /// <summary>The UTF-8 bytes of the value.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8.Span;

    /// <summary>True when there is no value.</summary>
    public bool IsEmpty => _utf8.IsEmpty;

    /// <summary>Takes JSON text.</summary>
    /// <exception cref="ArgumentException">The text is not one whole JSON value, or is nested deeper than 64.</exception>
    public static RawJson Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return FromOwn(Encoding.UTF8.GetBytes(json), nameof(json));
    }

    /// <summary>Takes a copy of UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">The bytes are not one whole JSON value, or it is nested deeper than 64.</exception>
    public static RawJson FromUtf8(ReadOnlyMemory<byte> utf8) => FromOwn(utf8.ToArray(), nameof(utf8));

    /// <summary>A text as a JSON string, with quotes and escapes of its own: <c>flex</c> becomes <c>"flex"</c>.</summary>
    /// <exception cref="ArgumentException">The text holds half of a surrogate pair.</exception>
    public static RawJson FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return new RawJson((byte[])[(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"']);
        }
        catch (ArgumentException)
        {
            throw new ArgumentException("The text holds half of a surrogate pair.", nameof(text));
        }
    }

    // A value never changes, so that what was written of it once can be kept.
    private static RawJson FromOwn(byte[] utf8, string parameter)
    {
        if (Fault(utf8, MostLevels) is { } fault)
        {
            throw new ArgumentException(Fault(utf8, int.MaxValue) is null ? $"The JSON value is nested deeper than {MostLevels}."
                : $"Not a whole JSON value (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}). A text is written with its quotes, as in \"\\\"flex\\\"\", or made by RawJson.FromText.", parameter);
        }
        // The reader looks at the bytes inside strings only when they are asked for.
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
            throw new ArgumentException("Not a JSON value: it holds bytes that are not UTF-8.", parameter);
        return new RawJson(utf8);
    }

    private static JsonException? Fault(ReadOnlySpan<byte> utf8, int levels)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = levels });
            reader.Read();
            reader.Skip();
            while (reader.Read()) { }
            return null;
        }
        catch (JsonException e)
        {
            return e;
        }
    }

    /// <summary>Takes bytes that a reader has already been over.</summary>
    internal static RawJson FromChecked(ReadOnlyMemory<byte> utf8) => new(utf8);

    /// <summary>Takes JSON text, so that raw members can be written as string literals.</summary>
    /// <exception cref="ArgumentException">The text is not one whole JSON value.</exception>
    public static implicit operator RawJson(string json) => Parse(json);

    /// <summary>Takes a truth value.</summary>
    public static implicit operator RawJson(bool value) => value ? "true" : "false";

    /// <summary>Takes a whole number.</summary>
    public static implicit operator RawJson(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Takes a number.</summary>
    /// <exception cref="ArgumentException">JSON has no word for it: it is infinite or not a number.</exception>
    public static implicit operator RawJson(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Reads the value as a type whose metadata was generated at compile time.</summary>
    /// <exception cref="InvalidOperationException">The value does not fit the type, or there is none; the inner exception says where.</exception>
    public T? Read<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            return JsonSerializer.Deserialize(Utf8, type);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new InvalidOperationException($"The JSON value does not fit the type {typeof(T).Name}.", e);
        }
    }

    /// <inheritdoc/>
    public bool Equals(RawJson other) => Utf8.SequenceEqual(other.Utf8);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RawJson other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8);
        return hash.ToHashCode();
    }

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);

    /// <summary>True when both hold the same bytes.</summary>
    public static bool operator ==(RawJson left, RawJson right) => left.Equals(right);

    /// <summary>True when the bytes differ.</summary>
    public static bool operator !=(RawJson left, RawJson right) => !left.Equals(right);
}
