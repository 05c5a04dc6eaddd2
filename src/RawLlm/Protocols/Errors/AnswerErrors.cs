using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Errors for invalid answers, shared by all wires.</summary>
internal static class AnswerErrors
{
    /// <summary>Creates the error for a stream that broke off.</summary>
    /// <param name="isCut">Whether it ended inside an event.</param>
    /// <param name="end">What did not arrive, such as "message_stop".</param>
    /// <param name="usage">The usage of the answer so far.</param>
    public static LlmException Truncated(bool isCut, string end, Usage? usage) =>
        Broken(
            isCut
                ? "The stream ended in the middle of an event, so the answer is incomplete."
                : $"The stream ended without {end}, so the answer is incomplete.",
            usage
        );

    /// <summary>Creates the error for an answer that broke off, with the wire's own message.</summary>
    public static LlmException Broken(string message, Usage? usage) =>
        new(LlmErrorKind.StreamTruncated, message)
        {
            IsRetryable = true,
            Phase = LlmPhase.Streaming,
            Usage = usage,
        };

    /// <summary>Creates the error for a whole answer that cannot be read: it breaks off, or is not the expected JSON.</summary>
    /// <param name="e">The reader's exception (<see cref="WireJson.IsUnreadable"/>).</param>
    /// <param name="body">The whole answer.</param>
    /// <param name="usage">The usage of the answer so far.</param>
    /// <param name="hasLines">Whether several values may follow one another.</param>
    public static LlmException Unreadable(Exception e, ReadOnlySpan<byte> body, Usage? usage = null, bool hasLines = false) =>
        e is JsonException && !WireJson.IsTooDeep(e) && IsCut(body, hasLines)
            ? Broken("The answer ended in the middle of its JSON, so it is incomplete.", usage)
            : WireJson.Malformed(e, "The answer", usage);

    /// <summary>Creates the error for JSON that contains no answer.</summary>
    public static LlmException Malformed(string message, Usage? usage = null) =>
        new(LlmErrorKind.MalformedResponse, message) { Phase = LlmPhase.Streaming, Usage = usage };

    /// <summary>Creates the error for an answer of the service that contains nothing; another attempt may bring one.</summary>
    public static LlmException Empty(string message, Usage? usage) =>
        new(LlmErrorKind.MalformedResponse, message)
        {
            IsRetryable = true,
            Phase = LlmPhase.Streaming,
            Usage = usage,
        };

    public static LlmException TooManyBlocks() =>
        LimitExceeded(LlmLimit.ContentBlocks, "The answer contains more content blocks than LlmLimits.ContentBlocks allows.");

    public static LlmException TooManyParts() =>
        LimitExceeded(LlmLimit.ContentBlocks, "The answer contains more parts than LlmLimits.ContentBlocks allows.");

    public static LlmException LimitExceeded(LlmLimit limit, string message) =>
        new(LlmErrorKind.LimitExceeded, message) { Limit = limit, Phase = LlmPhase.Streaming };

    /// <summary>Returns the new length of an array that collects bytes of an answer.</summary>
    /// <param name="length">The current length.</param>
    /// <param name="needed">The required length.</param>
    /// <exception cref="LlmException">No array can be that long.</exception>
    public static int GrownLength(int length, long needed)
    {
        if (needed > Array.MaxLength)
        {
            throw LimitExceeded(
                LlmLimit.EventBytes,
                "An event of the answer needs more than 2 GiB, the maximum length of an array. Lower LlmLimits.EventBytes."
            );
        }

        return (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * length));
    }

    /// <summary>Throws if the framing itself marks an event as an error, whose data may be JSON, plain text or nothing.</summary>
    /// <param name="frame">The event.</param>
    /// <param name="decoder">Provides the usage of the answer, which is read only for an error because that allocates.</param>
    /// <param name="events">Provides the limits.</param>
    /// <param name="unlessJson">Whether to leave objects and arrays to the caller.</param>
    /// <exception cref="LlmException">The framing marks the event as an error.</exception>
    public static void ThrowIfFramed(in Frame frame, EventDecoder decoder, EventBuffer events, bool unlessJson = false)
    {
        if (
            !frame.Type.SequenceEqual("error"u8)
            || (unlessJson && frame.Data.TrimStart(WireJson.WhiteSpace) is [(byte)'{' or (byte)'[', ..])
        )
        {
            return;
        }

        throw ErrorReader.ReadInBody(frame.Data, inStream: true, decoder.Usage, limits: events.Options.Limits);
    }

    // Whether JSON is valid as far as it goes, but has no end.
    private static bool IsCut(ReadOnlySpan<byte> json, bool hasLines)
    {
        if (json.TrimStart(WireJson.WhiteSpace) is not [(byte)'{' or (byte)'[', ..])
            return false;
        var options = new JsonReaderOptions { MaxDepth = int.MaxValue, AllowMultipleValues = hasLines };
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(options));
        try
        {
            while (reader.Read()) { }
            return reader.CurrentDepth > 0 || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a body without an answer contains an error message without any envelope, with or without a code.</summary>
    public static bool IsFlat(ReadOnlySpan<byte> body, DecoderOptions options)
    {
        try
        {
            var reader = WireJson.Reader(body, options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (IsWords(ref reader))
                    return true;
                reader.Skip();
            }
            return false;
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            return false;
        }
    }

    /// <summary>Whether the property that the reader is on is an error message. Moves the reader to its value.</summary>
    // AWS sends "Message"; FastAPI and similar servers send a list or an object in "detail"; z.ai (2026) sends "msg". A wire's own
    // "message" is an object.
    public static bool IsWords(scoped ref Utf8JsonReader reader)
    {
        bool isDetail = WireJson.Is(ref reader, "detail"u8);
        bool isMessage = WireJson.Is(ref reader, "message"u8) || WireJson.Is(ref reader, "Message"u8) || WireJson.Is(ref reader, "msg"u8);
        reader.Read();
        return ((isDetail || isMessage) && reader.TokenType == JsonTokenType.String)
            || (isDetail && reader.TokenType is (JsonTokenType.StartArray or JsonTokenType.StartObject));
    }

    /// <summary>Returns the body of a whole answer without the byte order mark that some servers put before it.</summary>
    /// <exception cref="LlmException">The body contains only white space.</exception>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> body)
    {
        ByteOrderMark.TryMeasure(body, isFinal: true, out int mark);
        body = body[mark..];
        if (body.Trim(WireJson.WhiteSpace).IsEmpty)
        {
            throw new LlmException(LlmErrorKind.MalformedResponse, "The body of the answer is empty.")
            {
                IsRetryable = true,
                Phase = LlmPhase.Streaming,
            };
        }

        return body;
    }
}
