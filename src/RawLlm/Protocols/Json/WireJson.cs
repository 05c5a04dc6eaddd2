using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>JSON reading shared by all wires.</summary>
internal static class WireJson
{
    /// <summary>The white space allowed between JSON tokens (RFC 8259, section 2).</summary>
    public static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>Creates a reader for the one value in a frame or body.</summary>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> utf8, DecoderOptions options) => Reader(utf8, options.Limits);

    /// <inheritdoc cref="Reader(ReadOnlySpan{byte}, DecoderOptions)"/>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> utf8, LlmLimits limits) =>
        new(utf8, new JsonReaderOptions { MaxDepth = limits.JsonDepth });

    /// <summary>
    /// Creates a reader for JSON that was read before, which may be nested as deep as <see cref="LlmLimits.JsonDepth"/> can allow.
    /// </summary>
    public static Utf8JsonReader DeepReader(ReadOnlySpan<byte> utf8) =>
        new(utf8, new JsonReaderOptions { MaxDepth = JsonValidity.MaxLevels });

    /// <summary>Creates a reader positioned on an array, or on an empty array if there is none.</summary>
    public static Utf8JsonReader Elements(ReadOnlySpan<byte> array, DecoderOptions options)
    {
        var reader = Reader(array.IsEmpty ? "[]"u8 : array, options);
        reader.Read();
        return reader;
    }

    /// <summary>
    /// Returns the name that the reader is on, for comparison with several names. As a span this is cheaper than the reader's own
    /// comparison, which checks for escapes each time.
    /// </summary>
    public static ReadOnlySpan<byte> Name(scoped ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(JsonText.Read(ref reader).ToString()) : reader.ValueSpan;

    /// <summary>
    /// Whether the name or text that the reader is on equals the given one. The reader's own comparison throws for an unpaired surrogate,
    /// which is no reason to fail in an unknown name.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8) =>
        reader.ValueIsEscaped ? JsonText.Read(ref reader).Is(utf8) : reader.ValueSpan.SequenceEqual(utf8);

    /// <summary>Whether the bytes are one complete JSON value.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> utf8) => JsonValidity.IsWhole(utf8, JsonValidity.MaxLevels);

    /// <summary>Skips the value that the reader is on and returns its exact bytes.</summary>
    public static ReadOnlySpan<byte> SkipRaw(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> whole)
    {
        int start = checked((int)reader.TokenStartIndex);
        reader.Skip();
        return whole[start..checked((int)reader.BytesConsumed)];
    }

    /// <summary>Skips the value of the property that the reader is on.</summary>
    public static void SkipValue(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Skips the value that the reader is on, which has the wrong type. A null records no quirk.</summary>
    public static void SkipUnexpected(scoped ref Utf8JsonReader reader, string place, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.Null)
            events.Note(QuirkKind.UnexpectedType, place);
        reader.Skip();
    }

    /// <summary>
    /// Reads the text of the property that the reader is on. Returns false for anything else, which is skipped with a quirk.
    /// </summary>
    public static bool TryReadText(scoped ref Utf8JsonReader reader, scoped ref JsonText text, string place, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            text = JsonText.Read(ref reader);
            return true;
        }
        SkipUnexpected(ref reader, place, events);
        return false;
    }

    /// <summary>
    /// Reads the bytes of the value of the property that the reader is on. Returns false for a value of another type, which is skipped with
    /// a quirk.
    /// </summary>
    public static bool TryReadRaw(
        scoped ref Utf8JsonReader reader,
        JsonTokenType type,
        ReadOnlySpan<byte> data,
        scoped ref ReadOnlySpan<byte> value,
        string place,
        EventBuffer events
    )
    {
        reader.Read();
        if (reader.TokenType == type)
        {
            value = SkipRaw(ref reader, data);
            return true;
        }
        SkipUnexpected(ref reader, place, events);
        return false;
    }

    /// <summary>
    /// Skips the value of the property that the reader is on, and keeps a reader positioned on it. Returns false for a value of another
    /// type, for which no reader is kept.
    /// </summary>
    public static bool TrySaveReader(scoped ref Utf8JsonReader reader, JsonTokenType type, scoped ref Utf8JsonReader saved)
    {
        reader.Read();
        bool isKept = reader.TokenType == type;
        if (isKept)
            saved = reader;
        reader.Skip();
        return isKept;
    }

    /// <summary>Reads the text of the property that the reader is on; skips anything else.</summary>
    public static void ReadTextIfAny(scoped ref Utf8JsonReader reader, scoped ref JsonText text)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            text = JsonText.Read(ref reader);
        reader.Skip();
    }

    /// <summary>Reads the ID or name of the property that the reader is on, without escapes; skips anything else.</summary>
    public static void ReadIdIfAny(scoped ref Utf8JsonReader reader, scoped ref JsonText id)
    {
        ReadTextIfAny(ref reader, ref id);
        if (id.IsEscaped)
            id = id.Plain();
    }

    /// <summary>
    /// Reads the error of the property that the reader is on. The first error is kept, so that a null after it cannot hide it.
    /// </summary>
    public static void ReadError(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, scoped ref ReadOnlySpan<byte> error)
    {
        reader.Read();
        var value = WireJson.SkipRaw(ref reader, data);
        if (error.IsEmpty && !WireJson.IsNothing(value))
            error = value;
    }

    /// <summary>Enters the object of the property that the reader is on. Returns false for anything else, which is skipped.</summary>
    public static bool EnterObject(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            return true;
        reader.Skip();
        return false;
    }

    /// <summary>
    /// Enters the object of the property that the reader is on. Returns false for null and, with a quirk, for an empty array or string.
    /// </summary>
    /// <exception cref="LlmException">The value is anything else.</exception>
    public static bool EnterObjectOrNull(scoped ref Utf8JsonReader reader, string place, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            return true;
        if (reader.TokenType != JsonTokenType.Null)
            SkipBlank(ref reader, place, events);
        return false;
    }

    // Gateways built on new-api (2026) end with an empty array instead of an empty object, an older endpoint of NVIDIA's with an empty
    // string.
    private static void SkipBlank(scoped ref Utf8JsonReader reader, string place, EventBuffer events)
    {
        var type = reader.TokenType;
        bool isBlank =
            type == JsonTokenType.String
                ? reader.ValueSpan.IsEmpty
                : type == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
        if (!isBlank)
            ThrowType(place, type);
        events.Note(QuirkKind.UnexpectedType, place);
    }

    /// <summary>
    /// Moves to the value of a member of the object that the reader is on. Returns false if the value is not an object or has no such
    /// member.
    /// </summary>
    public static bool TryFindMember(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isFound = Name(ref reader).SequenceEqual(name);
            reader.Read();
            if (isFound)
                return true;
            reader.Skip();
        }
        return false;
    }

    /// <summary>Whether an object in the JSON may have a member twice. Cheap, and almost always false.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="quoted">The name of the member, with its quotes.</param>
    public static bool MayHaveTwice(ReadOnlySpan<byte> json, ReadOnlySpan<byte> quoted)
    {
        int first = json.IndexOf(quoted);
        return first >= 0 && json[(first + quoted.Length)..].IndexOf(quoted) >= 0;
    }

    /// <summary>Whether the member that the reader is on occurs again after its value, in which case the last one counts.</summary>
    /// <param name="reader">A copy of the reader.</param>
    /// <param name="name">The name of the member.</param>
    public static bool IsRepeatedLater(Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        SkipValue(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Name(ref reader).SequenceEqual(name))
                return true;
            SkipValue(ref reader);
        }
        return false;
    }

    /// <summary>Whether the bytes of an array, which may be missing, contain any element.</summary>
    public static bool HasElements(ReadOnlySpan<byte> array) => !array.IsEmpty && !array[1..^1].Trim(WhiteSpace).IsEmpty;

    /// <summary>Whether a value is missing, null, an empty string or an empty object.</summary>
    public static bool IsEmpty(ReadOnlySpan<byte> value) =>
        value.IsEmpty || value.SequenceEqual("null"u8) || value.SequenceEqual("\"\""u8) || value.SequenceEqual("{}"u8);

    /// <summary>Whether a value is what services send if there is no error: <see cref="IsEmpty"/>, an empty array or false.</summary>
    public static bool IsNothing(ReadOnlySpan<byte> value) =>
        IsEmpty(value) || value.SequenceEqual("[]"u8) || value.SequenceEqual("false"u8);

    /// <summary>Copies JSON without the white space between its tokens; strings and numbers keep their bytes.</summary>
    /// <returns>The number of bytes written; never more than in the input.</returns>
    public static int Compact(ReadOnlySpan<byte> json, Span<byte> destination)
    {
        const int Width = 32;
        int written = 0;
        int at = 0;
        // Whether the vector before ended inside a string (all bits set), and right after an escaping backslash (lowest bit set).
        uint inString = 0;
        uint isEscaped = 0;
        for (; Vector256.IsHardwareAccelerated && json.Length - at >= Width; at += Width)
        {
            var rest = json[at..];
            var bytes = Vector256.Create(rest);
            uint quotes = Vector256.Equals(bytes, Vector256.Create((byte)'"')).ExtractMostSignificantBits();
            uint backslashes = Vector256.Equals(bytes, Vector256.Create((byte)'\\')).ExtractMostSignificantBits();
            // Valid JSON contains no control character in a string, and only white space ones outside.
            uint spaces = Vector256.Equals(bytes, Vector256.Min(bytes, Vector256.Create((byte)' '))).ExtractMostSignificantBits();
            if ((backslashes | isEscaped) != 0)
                quotes &= ~Escaped(backslashes, ref isEscaped);
            // A bit is set if the number of quotes up to it is odd: from a string's opening quote to just before its closing one.
            quotes ^= quotes << 1;
            quotes ^= quotes << 2;
            quotes ^= quotes << 4;
            quotes ^= quotes << 8;
            quotes ^= quotes << 16;
            quotes ^= inString;
            inString = (uint)((int)quotes >> 31);
            uint dropped = spaces & ~quotes;
            if (dropped == 0)
            {
                bytes.CopyTo(destination[written..]);
                written += Width;
                continue;
            }
            for (uint kept = ~dropped; kept != 0; )
            {
                int start = BitOperations.TrailingZeroCount(kept);
                int length = BitOperations.TrailingZeroCount(~(kept >> start));
                length = Math.Min(length, Width - start);
                rest.Slice(start, length).CopyTo(destination[written..]);
                written += length;
                kept = start + length == Width ? 0 : kept & (~0u << (start + length));
            }
        }
        bool isInString = inString != 0;
        if (isEscaped != 0 && at < json.Length)
            destination[written++] = json[at++];
        for (; at < json.Length; at++)
        {
            byte b = json[at];
            if (isInString)
            {
                destination[written++] = b;
                if (b == '\\')
                    destination[written++] = json[++at];
                else if (b == '"')
                    isInString = false;
            }
            else if (b is not ((byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r'))
            {
                isInString = b == '"';
                destination[written++] = b;
            }
        }
        return written;
    }

    /// <summary>Returns which bytes are escaped by a backslash: those after an odd number of backslashes.</summary>
    /// <param name="backslashes">The positions of backslashes among 32 bytes.</param>
    /// <param name="isEscaped">1 if the first byte is escaped from before; receives whether the byte after the last one is.</param>
    // Carries show where a run of backslashes begins at an odd position (G. Langdale and D. Lemire, "Parsing Gigabytes of JSON per Second",
    // 2019).
    public static uint Escaped(uint backslashes, ref uint isEscaped)
    {
        const uint Odd = 0xAAAAAAAA;
        uint begins = backslashes & ~isEscaped;
        uint ends = (((begins << 1) | Odd) - begins) ^ Odd;
        uint escaped = ends ^ (backslashes | isEscaped);
        isEscaped = (ends & backslashes) >> 31;
        return escaped;
    }

    /// <summary>Reads a count from a member of the body's object; null if the member is missing or the body is not JSON.</summary>
    public static long? ReadCount(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name)
    {
        try
        {
            var reader = Reader(body, DecoderOptions.Default);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isCount = WireJson.Is(ref reader, name);
                reader.Read();
                if (isCount)
                    return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long count) && count >= 0 ? count : null;
                reader.Skip();
            }
            return null;
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>Reads an integer from 0 to 2^31-1. Returns false for anything else, which the caller skips.</summary>
    public static bool TryReadIndex(scoped ref Utf8JsonReader reader, out int index)
    {
        index = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out index) && index >= 0;
    }

    /// <summary>
    /// Reads an index. A string of digits and a number with a zero fraction are accepted with a quirk; anything else is skipped with one.
    /// </summary>
    public static void ReadIndex(scoped ref Utf8JsonReader reader, ref int index, string place, EventBuffer events)
    {
        if (TryReadIndex(ref reader, out int value))
        {
            index = value;
            return;
        }
        if (TryReadOddIndex(ref reader, out value))
            index = value;
        SkipUnexpected(ref reader, place, events);
    }

    /// <summary>Reads an index from a value of another type: a string of digits, or a number with a zero fraction.</summary>
    public static bool TryReadOddIndex(scoped ref Utf8JsonReader reader, out int index)
    {
        index = 0;
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
            return false;
        var text = reader.ValueSpan;
        if (
            !Utf8Parser.TryParse(text, out double number, out int length)
            || length != text.Length
            || number is not (>= 0 and <= int.MaxValue)
            || Math.Floor(number) != number
        )
        {
            return false;
        }

        index = (int)number;
        return true;
    }

    /// <summary>Throws an error that names the place, never the value.</summary>
    public static void ThrowType(string place, JsonTokenType found) =>
        throw new LlmException(LlmErrorKind.MalformedResponse, $"'{place}' has an unexpected JSON type: {found.ToString()}.")
        {
            Phase = LlmPhase.Streaming,
        };

    /// <summary>
    /// Whether an exception of the platform's reader is about the bytes that it read. For a name with an unpaired surrogate it throws no
    /// <see cref="JsonException"/> but another type, and only when the name is compared (measured on .NET 10.0.12).
    /// </summary>
    public static bool IsUnreadable(Exception e) => e is JsonException or InvalidOperationException;

    /// <summary>Whether the exception says that the bytes are nested too deep.</summary>
    // Only the reader's message tells this. It also mentions depth at the end of truncated JSON.
    public static bool IsTooDeep(Exception e) =>
        e is JsonException && e.Message.Contains("maximum configured depth", StringComparison.Ordinal);

    /// <summary>
    /// Creates the error for an event that is not the expected JSON. Plain text is quoted, because it contains the server's words and
    /// nothing of an answer.
    /// </summary>
    /// <param name="e">The reader's exception (<see cref="IsUnreadable"/>).</param>
    /// <param name="what">What was read; the beginning of a sentence.</param>
    /// <param name="data">All the bytes read.</param>
    /// <param name="usage">The usage of the answer so far.</param>
    /// <param name="limits">Limits how much of the server's text goes into the message.</param>
    // mistral.rs (2026) sends a failure as plain text: "Model error: out of memory".
    public static LlmException Malformed(Exception e, string what, ReadOnlySpan<byte> data, Usage? usage, LlmLimits limits)
    {
        data = data.Trim(WhiteSpace);
        if (data is [] or [(byte)'{' or (byte)'[' or (byte)'"', ..])
            return Malformed(e, what, usage);
        // No character takes more than four bytes.
        string excerpt = TextSanitizer.Clean(
            Encoding.UTF8.GetString(data[..Math.Min(data.Length, 4 * (limits.ErrorTextCharacters + 1))]),
            limits.ErrorTextCharacters
        );
        return new LlmException(LlmErrorKind.MalformedResponse, $"{what} is plain text, not JSON: {excerpt}")
        {
            Phase = LlmPhase.Streaming,
            Usage = usage,
        };
    }

    /// <summary>Creates the error for bytes that are not the expected JSON. It names the place, never the content.</summary>
    /// <param name="e">The reader's exception (<see cref="IsUnreadable"/>).</param>
    /// <param name="what">What was read; the beginning of a sentence.</param>
    /// <param name="usage">The usage of the answer so far.</param>
    public static LlmException Malformed(Exception e, string what, Usage? usage = null)
    {
        if (e is not JsonException json)
        {
            return new LlmException(
                LlmErrorKind.MalformedResponse,
                $"{what} is not valid JSON: a name in it contains an unpaired surrogate."
            )
            {
                Phase = LlmPhase.Streaming,
                Usage = usage,
            };
        }

        return IsTooDeep(e)
            ? new LlmException(LlmErrorKind.LimitExceeded, $"{what} nests JSON deeper than LlmLimits.JsonDepth allows.")
            {
                Limit = LlmLimit.JsonDepth,
                Phase = LlmPhase.Streaming,
                Usage = usage,
            }
            : new LlmException(
                LlmErrorKind.MalformedResponse,
                $"{what} is not valid JSON (line {json.LineNumber.GetValueOrDefault()}, byte {json.BytePositionInLine.GetValueOrDefault()})."
            )
            {
                Phase = LlmPhase.Streaming,
                Usage = usage,
            };
    }
}
