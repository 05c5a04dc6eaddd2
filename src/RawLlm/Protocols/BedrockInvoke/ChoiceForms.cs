using System.Globalization;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Rewrites the vendors' deviating forms of a choice in the form of chat completions.</summary>
/// <remarks>
/// <c>{"text":"…","stop_reason":"stop"}</c> (DeepSeek-R1; imported models, with <c>finish_reason</c>) and
/// <c>{"index":0,"message":{…},"stop_reason":"stop"}</c>, in a stream with one piece in each message (Mistral). All other bytes stay
/// unchanged.
/// </remarks>
internal static class ChoiceForms
{
    /// <summary>Rewrites an event or a whole answer.</summary>
    /// <param name="data">The JSON.</param>
    /// <param name="json">Receives the result.</param>
    /// <param name="isWhole">Whether this is a whole answer, whose choices contain messages instead of deltas.</param>
    /// <param name="stop">The finish reason that replaces the model's, between quotes; empty for none.</param>
    /// <param name="options">Provides the limits.</param>
    /// <returns>Whether that finish reason was written.</returns>
    public static bool Rewrite(ReadOnlySpan<byte> data, ref PooledBytes json, bool isWhole, ReadOnlySpan<byte> stop, DecoderOptions options)
    {
        bool isStopWritten = false;
        int copied = 0;
        var reader = WireJson.Reader(data, options);
        reader.Read();
        bool isObject = reader.TokenType == JsonTokenType.StartObject;
        while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isChoices = WireJson.Is(ref reader, "choices"u8);
            reader.Read();
            if (!isChoices || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }
            for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    isStopWritten |= RewriteChoice(ref reader, data, i, ref json, ref copied, isWhole, stop);
                else
                    reader.Skip();
            }
        }
        json.Append(data[copied..]);
        return isStopWritten;
    }

    private static bool RewriteChoice(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> data,
        int index,
        ref PooledBytes json,
        ref int copied,
        bool isWhole,
        ReadOnlySpan<byte> stop
    )
    {
        var ahead = reader;
        bool isEmpty = true;
        bool hasIndex = false;
        bool hasFinish = false;
        bool hasMessage = false;
        bool hasDelta = false;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            hasIndex |= WireJson.Is(ref ahead, "index"u8);
            hasFinish |= WireJson.Is(ref ahead, "finish_reason"u8);
            hasMessage |= WireJson.Is(ref ahead, "message"u8);
            hasDelta |= WireJson.Is(ref ahead, "delta"u8);
            WireJson.SkipValue(ref ahead);
        }
        if (!hasIndex)
        {
            Copy(data, checked((int)reader.BytesConsumed), ref json, ref copied);
            json.Append("\"index\":"u8);
            index.TryFormat(json.Reserve(10), out int digits, default, CultureInfo.InvariantCulture);
            json.Commit(digits);
            json.Append(isEmpty ? ""u8 : ","u8);
        }
        bool isStopWritten = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isStop = WireJson.Is(ref reader, "finish_reason"u8) || (!hasFinish && WireJson.Is(ref reader, "stop_reason"u8));
            bool isText = !hasMessage && !hasDelta && WireJson.Is(ref reader, "text"u8);
            bool isPiece = !isWhole && !hasDelta && WireJson.Is(ref reader, "message"u8);
            int start = checked((int)reader.TokenStartIndex);
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, data);
            if (!isStop && !isText && !isPiece)
                continue;
            Copy(data, start, ref json, ref copied);
            copied = checked((int)reader.BytesConsumed);
            if (isStop)
                json.Append("\"finish_reason\":"u8);
            else if (isPiece)
                json.Append("\"delta\":"u8);
            else
                json.Append(isWhole ? "\"message\":{\"content\":"u8 : "\"delta\":{\"content\":"u8);
            bool isReplaced = isStop && !stop.IsEmpty && (isWhole || !WireJson.IsEmpty(value));
            isStopWritten |= isReplaced;
            json.Append(isReplaced ? stop : value);
            json.Append(isText ? "}"u8 : ""u8);
        }
        return isStopWritten;
    }

    private static void Copy(ReadOnlySpan<byte> data, int end, ref PooledBytes json, ref int copied)
    {
        json.Append(data[copied..end]);
        copied = end;
    }
}
