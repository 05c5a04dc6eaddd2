using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>What is wrong with an answer, on whatever wire.</summary>
internal static class AnswerErrors
{
    /// <summary>The error for a stream that broke off.</summary>
    /// <param name="isCut">True when it ended inside an event.</param>
    /// <param name="end">What did not come, as in "message_stop".</param>
    /// <param name="usage">What the answer had used.</param>
    public static LlmException Truncated(bool isCut, string end, Usage? usage) =>
        Broken(isCut ? "The stream ended inside an event: the answer is not whole." : $"The stream ended without {end}: the answer is not whole.", usage);

    /// <summary>The error for an answer that broke off, in words of the wire's own.</summary>
    public static LlmException Broken(string message, Usage? usage) =>
        new(LlmErrorKind.StreamTruncated, message) { IsRetryable = true, Phase = LlmPhase.Streaming, Usage = usage };

    /// <summary>The error for JSON that holds no answer.</summary>
    public static LlmException Malformed(string message, Usage? usage = null) =>
        new(LlmErrorKind.MalformedResponse, message) { Phase = LlmPhase.Streaming, Usage = usage };

    public static LlmException TooManyBlocks() => TooMuch(LlmLimit.ContentBlocks, "The answer holds more content blocks than LlmLimits.ContentBlocks allows.");

    public static LlmException TooManyParts() => TooMuch(LlmLimit.ContentBlocks, "The answer holds more parts than LlmLimits.ContentBlocks allows.");

    public static LlmException TooMuch(LlmLimit limit, string message) =>
        new(LlmErrorKind.LimitExceeded, message) { Limit = limit, Phase = LlmPhase.Streaming };

    /// <summary>How long the array is to be in which more bytes of an answer are gathered.</summary>
    /// <param name="length">Its length so far.</param>
    /// <param name="needed">What it has to hold.</param>
    /// <exception cref="LlmException">No array is as long as that.</exception>
    public static int Grown(int length, long needed)
    {
        if (needed > Array.MaxLength)
            throw TooMuch(LlmLimit.EventBytes, "What one event of the answer holds is longer than an array can be: 2 GiB. Lower LlmLimits.EventBytes.");
        return (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * length));
    }

    /// <summary>Where the framing itself calls an event an error, its data may be anything: JSON, a text, or nothing.</summary>
    /// <param name="frame">The event.</param>
    /// <param name="decoder">Tells what the answer had used, which is asked for an error alone because it allocates.</param>
    /// <param name="events">Tells the limits.</param>
    /// <param name="unlessJson">True to leave objects and arrays to the caller.</param>
    /// <exception cref="LlmException">The framing says that the event is an error.</exception>
    public static void ThrowIfFramed(in Frame frame, EventDecoder decoder, EventBuffer events, bool unlessJson = false)
    {
        if (!frame.Type.SequenceEqual("error"u8) || (unlessJson && frame.Data.TrimStart(WireJson.WhiteSpace) is [(byte)'{' or (byte)'[', ..]))
            return;
        throw ErrorReader.ReadInBody(frame.Data, inStream: true, decoder.Usage, limits: events.Options.Limits);
    }

    /// <summary>Whether a body that holds no answer says what is wrong in its own words, with or without a code, but without any envelope.</summary>
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

    /// <summary>Whether the property that the reader stands on is what an error says; moves the reader to its value.</summary>
    // AWS writes "Message"; FastAPI and its kin a list or an object under "detail"; z.ai (2026) "msg". A wire's own "message" is an object.
    public static bool IsWords(scoped ref Utf8JsonReader reader)
    {
        bool isDetail = WireJson.Is(ref reader, "detail"u8);
        bool isMessage = WireJson.Is(ref reader, "message"u8) || WireJson.Is(ref reader, "Message"u8) || WireJson.Is(ref reader, "msg"u8);
        reader.Read();
        return ((isDetail || isMessage) && reader.TokenType == JsonTokenType.String)
            || (isDetail && reader.TokenType is (JsonTokenType.StartArray or JsonTokenType.StartObject));
    }

    /// <summary>The text of a whole answer, without the byte order mark that some servers put before it.</summary>
    /// <exception cref="LlmException">There is nothing in it but white space.</exception>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> body)
    {
        ByteOrderMark.TryMeasure(body, isFinal: true, out int mark);
        body = body[mark..];
        if (body.Trim(WireJson.WhiteSpace).IsEmpty)
            throw new LlmException(LlmErrorKind.MalformedResponse, "The body of the answer is empty.") { IsRetryable = true, Phase = LlmPhase.Streaming };
        return body;
    }
}
