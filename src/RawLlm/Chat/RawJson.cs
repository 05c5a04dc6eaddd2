using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RawLlm;

/// <summary>One JSON value, kept as the exact bytes that it was created from.</summary>
/// <remarks>
/// The text is checked once, when the value is created, and never reformatted. Two values are equal if their bytes are equal.
/// <see langword="default"/> is no value at all (<see cref="IsEmpty"/>), which is different from JSON's <c>null</c>.
/// </remarks>
[JsonConverter(typeof(RawJsonConverter))]
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct RawJson : IEquatable<RawJson>
{
    // The default of System.Text.Json's readers, which accept nothing deeper.
    private const int MaxLevels = 64;

    private readonly ReadOnlyMemory<byte> _utf8;

    private RawJson(ReadOnlyMemory<byte> utf8) => _utf8 = utf8;

    /// <summary>The UTF-8 bytes of the value.</summary>
    public ReadOnlySpan<byte> Utf8 => _utf8.Span;

    /// <summary>Whether there is no value.</summary>
    public bool IsEmpty => _utf8.IsEmpty;

    /// <summary>Creates a value from JSON text.</summary>
    /// <exception cref="ArgumentException">The text is not one complete JSON value, or is nested more than 64 levels deep.</exception>
    public static RawJson Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return FromOwn(Encoding.UTF8.GetBytes(json), nameof(json));
    }

    /// <summary>Creates a value from a copy of UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">The bytes are not one complete JSON value, or it is nested more than 64 levels deep.</exception>
    public static RawJson FromUtf8(ReadOnlyMemory<byte> utf8) => FromOwn(utf8.ToArray(), nameof(utf8));

    /// <summary>Creates a JSON string from a text and adds quotes and escapes: <c>flex</c> becomes <c>"flex"</c>.</summary>
    /// <exception cref="ArgumentException">The text contains half of a surrogate pair.</exception>
    public static RawJson FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return new RawJson(
                (byte[])
                    [(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"']
            );
        }
        catch (ArgumentException)
        {
            throw new ArgumentException("The text contains half of a surrogate pair.", nameof(text));
        }
    }

    /// <summary>Creates a value from an element of System.Text.Json: its bytes, unless they contain comments or trailing commas, which are
    /// left out. An undefined element gives no value.</summary>
    /// <exception cref="ArgumentException">The element is nested more than 64 levels deep, or contains bytes that are not
    /// UTF-8.</exception>
    /// <exception cref="ObjectDisposedException">The element's document was disposed.</exception>
    public static RawJson FromElement(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Undefined)
            return default;
        byte[] utf8 = JsonMarshal.GetRawUtf8Value(element).ToArray();
        return Fault(utf8, int.MaxValue) is null ? FromOwn(utf8, nameof(element), "The element") : Rewritten(element);
    }

    private static RawJson Rewritten(JsonElement element)
    {
        var utf8 = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(utf8, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            try
            {
                element.WriteTo(writer);
            }
            catch (InvalidOperationException e)
            {
                throw new ArgumentException("The element contains text that is not Unicode.", nameof(element), e);
            }
        }
        return FromOwn(utf8.WrittenSpan.ToArray(), nameof(element), "The element");
    }

    /// <summary>Writes the value with its own bytes; <c>null</c> if there is no value.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (IsEmpty)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(Utf8, skipInputValidation: true);
    }

    // The value never changes, so code that has written it once can keep the result.
    private static RawJson FromOwn(byte[] utf8, string parameter, string what = "The text")
    {
        if (Fault(utf8, MaxLevels) is { } fault)
        {
            throw new ArgumentException(
                Fault(utf8, int.MaxValue) is null
                    ? $"{what} is nested deeper than {MaxLevels}."
                    : $"{what} is not a whole JSON value (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}).{Advice(utf8)}",
                parameter
            );
        }
        // The reader checks the bytes inside strings only on demand.
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
            throw new ArgumentException("Not a JSON value: it contains bytes that are not UTF-8.", parameter);
        return new RawJson(utf8);
    }

    // What begins with a bracket or a quote was meant to be JSON.
    private static string Advice(ReadOnlySpan<byte> utf8) =>
        utf8.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[' or (byte)'"', ..]
            ? ""
            : " Write a string with its quotes, as in \"\\\"flex\\\"\", or use RawJson.FromText.";

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

    /// <summary>Creates a value from JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="what">What the text is, as the beginning of a sentence.</param>
    /// <param name="parameter">The caller's parameter.</param>
    /// <exception cref="ArgumentException">The text is not one complete JSON value, or is nested too deeply.</exception>
    internal static RawJson Parse(string json, string what, string parameter) => FromOwn(Encoding.UTF8.GetBytes(json), parameter, what);

    /// <summary>Creates a value from bytes that a reader has already checked.</summary>
    internal static RawJson FromChecked(ReadOnlyMemory<byte> utf8) => new(utf8);

    /// <summary>Creates a value from JSON text, so that raw members can be written as string literals.</summary>
    /// <exception cref="ArgumentException">The text is not one complete JSON value.</exception>
    public static implicit operator RawJson(string json) => Parse(json);

    /// <summary>Creates a value from a Boolean.</summary>
    public static implicit operator RawJson(bool value) => value ? "true" : "false";

    /// <summary>Creates a value from an integer.</summary>
    public static implicit operator RawJson(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Creates a value from a number.</summary>
    /// <exception cref="ArgumentException">The number is infinite or NaN, which JSON cannot express.</exception>
    public static implicit operator RawJson(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Reads the value as a type with source-generated metadata.</summary>
    /// <exception cref="InvalidOperationException">The value does not fit the type, or there is no value; the inner exception says
    /// where.</exception>
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

    /// <summary>Returns the JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);

    /// <summary>Returns true if the bytes are equal.</summary>
    public static bool operator ==(RawJson left, RawJson right) => left.Equals(right);

    /// <summary>Returns true if the bytes differ.</summary>
    public static bool operator !=(RawJson left, RawJson right) => !left.Equals(right);
}
