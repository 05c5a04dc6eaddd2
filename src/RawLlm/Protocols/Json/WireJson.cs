using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reading of JSON that every wire shares.</summary>
internal static class WireJson
{
    /// <summary>What may stand between the tokens of JSON (RFC 8259, section 2).</summary>
    public static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>A reader of the one value that a frame or body holds.</summary>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> utf8, DecoderOptions options) => Reader(utf8, options.Limits);

    /// <inheritdoc cref="Reader(ReadOnlySpan{byte}, DecoderOptions)"/>
    public static Utf8JsonReader Reader(ReadOnlySpan<byte> utf8, LlmLimits limits) => new(utf8, new JsonReaderOptions { MaxDepth = limits.JsonDepth });

    /// <summary>A reader of JSON that was read before, which may be as deep as <see cref="LlmLimits.JsonDepth"/> can be.</summary>
    public static Utf8JsonReader DeepReader(ReadOnlySpan<byte> utf8) => new(utf8, new JsonReaderOptions { MaxDepth = JsonValidity.MostLevels });

    /// <summary>A reader that stands on an array, or on an empty one where there is none.</summary>
    public static Utf8JsonReader Elements(ReadOnlySpan<byte> array, DecoderOptions options)
    {
        var reader = Reader(array.IsEmpty ? "[]"u8 : array, options);
        reader.Read();
        return reader;
    }

    /// <summary>The name that the reader stands on, to be compared with several: as a span that is cheaper than the reader's own comparison, which looks for escapes each time.</summary>
    public static ReadOnlySpan<byte> Name(scoped ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(JsonText.Read(ref reader).ToString()) : reader.ValueSpan;

    /// <summary>
    /// Whether the name or text that the reader stands on is this one. The reader's own comparison throws for half of a surrogate pair, which is
    /// nothing to fail about in a name that nobody knows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8) =>
        reader.ValueIsEscaped ? JsonText.Read(ref reader).Is(utf8) : reader.ValueSpan.SequenceEqual(utf8);

    /// <summary>True when the bytes are one whole JSON value.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> utf8) => JsonValidity.IsWhole(utf8, JsonValidity.MostLevels);

    /// <summary>Skips the value that the reader stands on and gives its exact bytes.</summary>
    public static ReadOnlySpan<byte> SkipRaw(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> whole)
    {
        int start = checked((int)reader.TokenStartIndex);
        reader.Skip();
        return whole[start..checked((int)reader.BytesConsumed)];
    }

    /// <summary>Skips the value of the property that the reader stands on.</summary>
    public static void SkipValue(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Skips the value that the reader stands on, which is not of the type that it should be; a null is no quirk.</summary>
    public static void SkipUnexpected(scoped ref Utf8JsonReader reader, string place, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.Null)
            events.Note(QuirkKind.UnexpectedType, place);
        reader.Skip();
    }

    /// <summary>Reads the text of the property that the reader stands on; false for anything else, which is passed over with a quirk.</summary>
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

    /// <summary>Takes the bytes of the value of the property that the reader stands on; false for a value of another type, which is passed over with a quirk.</summary>
    public static bool TryReadRaw(scoped ref Utf8JsonReader reader, JsonTokenType type, ReadOnlySpan<byte> data, scoped ref ReadOnlySpan<byte> value, string place, EventBuffer events)
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

    /// <summary>Passes over the value of the property that the reader stands on, and keeps a reader that stands on it; false for a value of another type, of which none is kept.</summary>
    public static bool TryKeep(scoped ref Utf8JsonReader reader, JsonTokenType type, scoped ref Utf8JsonReader kept)
    {
        reader.Read();
        bool isKept = reader.TokenType == type;
        if (isKept)
            kept = reader;
        reader.Skip();
        return isKept;
    }

    /// <summary>Reads the text of the property that the reader stands on; anything else is passed over.</summary>
    public static void ReadTextIfAny(scoped ref Utf8JsonReader reader, scoped ref JsonText text)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            text = JsonText.Read(ref reader);
        reader.Skip();
    }

    /// <summary>Takes the error of the property that the reader stands on. The first one that is there is kept: it cannot be hidden by a null after it.</summary>
    public static void ReadError(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, scoped ref ReadOnlySpan<byte> error)
    {
        reader.Read();
        var value = WireJson.SkipRaw(ref reader, data);
        if (error.IsEmpty && !WireJson.IsNothing(value))
            error = value;
    }

    /// <summary>Goes into the object of the property that the reader stands on; false for anything else, which is passed over.</summary>
    public static bool EnterObject(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            return true;
        reader.Skip();
        return false;
    }

    /// <summary>Goes into the object of the property that the reader stands on; false for null, and, with a quirk, for an empty array or text in its place.</summary>
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

    // Gateways built on new-api (2026) end with an empty array in place of an object without members, an older endpoint of NVIDIA's with an empty text.
    private static void SkipBlank(scoped ref Utf8JsonReader reader, string place, EventBuffer events)
    {
        var type = reader.TokenType;
        bool isBlank = type == JsonTokenType.String ? reader.ValueSpan.IsEmpty : type == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
        if (!isBlank)
            ThrowType(place, type);
        events.Note(QuirkKind.UnexpectedType, place);
    }

    /// <summary>Goes to the value of a member of the object that the reader stands on; false where that is no object or has no such member.</summary>
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

    /// <summary>Whether one object of some JSON may have a member twice; cheap, and nearly always false.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="quoted">The member's name with its quotes.</param>
    public static bool MayHaveTwice(ReadOnlySpan<byte> json, ReadOnlySpan<byte> quoted)
    {
        int first = json.IndexOf(quoted);
        return first >= 0 && json[(first + quoted.Length)..].IndexOf(quoted) >= 0;
    }

    /// <summary>Whether the member that the reader stands on comes again behind its value: the last one counts.</summary>
    /// <param name="reader">A copy.</param>
    /// <param name="name">The member's name.</param>
    public static bool ComesAgain(Utf8JsonReader reader, ReadOnlySpan<byte> name)
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

    /// <summary>Whether the bytes of an array, or none in its place, hold any element.</summary>
    public static bool HasElements(ReadOnlySpan<byte> array) => !array.IsEmpty && !array[1..^1].Trim(WhiteSpace).IsEmpty;

    /// <summary>True for no value, null, an empty text and an empty object.</summary>
    public static bool IsEmpty(ReadOnlySpan<byte> value) =>
        value.IsEmpty || value.SequenceEqual("null"u8) || value.SequenceEqual("\"\""u8) || value.SequenceEqual("{}"u8);

    /// <summary>True for what services put where there is no error: <see cref="IsEmpty"/>, an empty array and false.</summary>
    public static bool IsNothing(ReadOnlySpan<byte> value) => IsEmpty(value) || value.SequenceEqual("[]"u8) || value.SequenceEqual("false"u8);

    /// <summary>Writes JSON without the white space between its tokens; strings and numbers keep their bytes.</summary>
    /// <returns>How many bytes were written; never more than there were.</returns>
    public static int Compact(ReadOnlySpan<byte> json, Span<byte> destination)
    {
        const int Width = 32;
        int written = 0;
        int at = 0;
        // Whether the vector before ended inside a string, and right behind a backslash that escapes: all bits, and the lowest.
        uint inString = 0;
        uint isEscaped = 0;
        for (; Vector256.IsHardwareAccelerated && json.Length - at >= Width; at += Width)
        {
            var rest = json[at..];
            var bytes = Vector256.Create(rest);
            uint quotes = Vector256.Equals(bytes, Vector256.Create((byte)'"')).ExtractMostSignificantBits();
            uint backslashes = Vector256.Equals(bytes, Vector256.Create((byte)'\\')).ExtractMostSignificantBits();
            // Valid JSON holds no control character in a string, and none but white space outside.
            uint spaces = Vector256.Equals(bytes, Vector256.Min(bytes, Vector256.Create((byte)' '))).ExtractMostSignificantBits();
            if ((backslashes | isEscaped) != 0)
                quotes &= ~Escaped(backslashes, ref isEscaped);
            // A bit is set where an odd number of quotes stands up to it: from a string's first quote to before its last.
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
            for (uint kept = ~dropped; kept != 0;)
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

    /// <summary>Which bytes are escaped by a backslash before them: those behind an odd number of backslashes.</summary>
    /// <param name="backslashes">Where the backslashes stand among 32 bytes.</param>
    /// <param name="isEscaped">One where the first byte is escaped from before; takes whether the byte behind the last one is.</param>
    // Carries tell where a run of them begins at an odd place (G. Langdale and D. Lemire, "Parsing Gigabytes of JSON per Second", 2019).
    public static uint Escaped(uint backslashes, ref uint isEscaped)
    {
        const uint Odd = 0xAAAAAAAA;
        uint begins = backslashes & ~isEscaped;
        uint ends = (((begins << 1) | Odd) - begins) ^ Odd;
        uint escaped = ends ^ (backslashes | isEscaped);
        isEscaped = (ends & backslashes) >> 31;
        return escaped;
    }

    /// <summary>A count that is a member of the one object of a body; null when it is not there, or the body is not JSON.</summary>
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

    /// <summary>A whole number from 0 to 2^31-1; false for anything else, which the caller passes over.</summary>
    public static bool TryReadIndex(scoped ref Utf8JsonReader reader, out int index)
    {
        index = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out index) && index >= 0;
    }

    /// <summary>Reads an index; a text of digits and a number with a fraction of nothing count, with a quirk, and anything else is passed over with one.</summary>
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

    /// <summary>Reads an index from what is not of its type: a text of digits, or a number with a fraction of nothing.</summary>
    public static bool TryReadOddIndex(scoped ref Utf8JsonReader reader, out int index)
    {
        index = 0;
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String))
            return false;
        var text = reader.ValueSpan;
        if (!Utf8Parser.TryParse(text, out double number, out int length) || length != text.Length || number is not (>= 0 and <= int.MaxValue) || Math.Floor(number) != number)
            return false;
        index = (int)number;
        return true;
    }

    /// <summary>An error that names the place, never the value.</summary>
    public static void ThrowType(string place, JsonTokenType found) =>
        throw new LlmException(LlmErrorKind.MalformedResponse, $"'{place}' is not of the JSON type that the wire prescribes (found {found}).") { Phase = LlmPhase.Streaming };

    /// <summary>
    /// Whether an exception of the platform's reader is about the bytes that it read. A name with half of a surrogate pair is not a
    /// <see cref="JsonException"/> there, but comes only when the name is compared (measured on .NET 10.0.12).
    /// </summary>
    public static bool IsUnreadable(Exception e) => e is JsonException or InvalidOperationException;

    /// <summary>Whether it says that the bytes are nested too deep.</summary>
    // The reader tells so in words alone; it speaks of depth at the end of JSON that is cut off as well.
    public static bool IsTooDeep(Exception e) => e is JsonException && e.Message.Contains("maximum configured depth", StringComparison.Ordinal);

    /// <summary>The error for an event that is not the JSON it should be; one that is plain text holds words of the server and nothing of an answer, and is quoted.</summary>
    /// <param name="e">What the reader said (<see cref="IsUnreadable"/>).</param>
    /// <param name="what">What was read, as the beginning of a sentence.</param>
    /// <param name="data">All of it.</param>
    /// <param name="usage">What the answer had used.</param>
    /// <param name="limits">How much of the server's text goes into the message.</param>
    // mistral.rs (2026) sends what failed as it is: "Model error: out of memory".
    public static LlmException Malformed(Exception e, string what, ReadOnlySpan<byte> data, Usage? usage, LlmLimits limits)
    {
        data = data.Trim(WhiteSpace);
        if (data is [] or [(byte)'{' or (byte)'[' or (byte)'"', ..])
            return Malformed(e, what, usage);
        // No character has more than four bytes.
        string said = ForeignText.Clean(Encoding.UTF8.GetString(data[..Math.Min(data.Length, 4 * (limits.ErrorTextCharacters + 1))]), limits.ErrorTextCharacters);
        return new LlmException(LlmErrorKind.MalformedResponse, $"{what} is not JSON, but a text: {said}") { Phase = LlmPhase.Streaming, Usage = usage };
    }

    /// <summary>The error for bytes that are not the JSON they should be: it tells the place, never the content.</summary>
    /// <param name="e">What the reader said (<see cref="IsUnreadable"/>).</param>
    /// <param name="what">What was read, as the beginning of a sentence.</param>
    /// <param name="usage">What the answer had used.</param>
    public static LlmException Malformed(Exception e, string what, Usage? usage = null)
    {
        if (e is not JsonException json)
            return new LlmException(LlmErrorKind.MalformedResponse, $"{what} is not the JSON that the wire prescribes: a name in it holds half of a surrogate pair.") { Phase = LlmPhase.Streaming, Usage = usage };
        return IsTooDeep(e)
            ? new LlmException(LlmErrorKind.LimitExceeded, $"{what} nests JSON deeper than LlmLimits.JsonDepth allows.") { Limit = LlmLimit.JsonDepth, Phase = LlmPhase.Streaming, Usage = usage }
            : new LlmException(LlmErrorKind.MalformedResponse, $"{what} is not the JSON that the wire prescribes (line {json.LineNumber}, byte {json.BytePositionInLine}).") { Phase = LlmPhase.Streaming, Usage = usage };
    }
}
