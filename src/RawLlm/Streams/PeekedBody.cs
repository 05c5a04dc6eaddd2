using System.Runtime.ExceptionServices;
using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>The body of a stream whose beginning has been read and is read again.</summary>
internal sealed class PeekedBody : WrappedBody
{
    private byte[]? _peeked;
    private int _start;
    private int _end;

    private PeekedBody(Stream body, byte[] peeked, int length)
        : base(body)
    {
        _peeked = peeked;
        _end = length;
    }

    /// <summary>Reads an answer until some of it has arrived, and then puts back everything that was read.</summary>
    /// <param name="answer">The answer, from which nothing has been read.</param>
    /// <param name="probe">Decodes the bytes as they are read.</param>
    /// <param name="limits">How many bytes may precede the answer: those of one event or, if the body is not a stream, those of a whole
    /// answer.</param>
    /// <exception cref="LlmException">The answer broke off, or reported an error, before any of it arrived.</exception>
    public static async Task PeekAsync(HttpAnswer answer, StreamProbe probe, LlmLimits limits)
    {
        byte[] peeked = new byte[4096];
        int length = 0;
        try
        {
            while (!probe.HasBegun && !probe.IsEnded)
            {
                if (length == peeked.Length)
                    Array.Resize(ref peeked, (int)Math.Min(Array.MaxLength, 2L * length));
                int count = await ReadAsync(answer, peeked.AsMemory(length), hasProgressed: false).ConfigureAwait(false);
                if (count == 0)
                {
                    probe.Complete();
                }
                else
                {
                    probe.Feed(peeked.AsSpan(length, count));
                    length += count;
                    answer.BytesRead = length;
                }
                if (probe.Failure is { } failure && !probe.HasBegun)
                    throw failure;
                if (probe.IsWhole && length > limits.ReplyBytes)
                    throw BodyReader.TooLong();
                if ((!probe.IsWhole && length > limits.EventBytes) || length == Array.MaxLength)
                {
                    throw new LlmException(
                        LlmErrorKind.LimitExceeded,
                        "More bytes arrived before the answer began than LlmLimits.EventBytes allows."
                    )
                    {
                        Limit = LlmLimit.EventBytes,
                        Phase = LlmPhase.AwaitFirstEvent,
                    };
                }
                // Only white space arrived, and no answer has begun.
                if (count == 0 && !probe.HasBegun && !probe.IsEnded)
                    throw WholeAnswer.Empty();
            }
        }
        catch (Exception e)
        {
            var failure = HttpFailure.Translate(e, LlmPhase.AwaitFirstEvent, answer.Watchdog, answer.CancellationToken);
            ExceptionDispatchInfo.Throw(failure is LlmException known ? known.With(usage: probe.Usage) : failure);
        }
        // These bytes are read and counted again.
        answer.BytesRead = 0;
        answer.Body = new PeekedBody(answer.Body, peeked, length);
    }

    /// <summary>Reads the first bytes of an answer to recognize its form, and then puts them back.</summary>
    /// <param name="answer">The answer, from which nothing has been read.</param>
    /// <param name="protocol">The wire.</param>
    /// <param name="maxBytes">How many bytes of white space are searched.</param>
    /// <returns>True for a stream, false for a whole answer; null if there was only white space.</returns>
    /// <exception cref="LlmException">The connection broke.</exception>
    public static async Task<bool?> RecognizeAsync(HttpAnswer answer, WireProtocol protocol, int maxBytes)
    {
        byte[] peeked = new byte[4096];
        int length = 0;
        bool? isStream = null;
        try
        {
            while (isStream is null && length <= maxBytes)
            {
                if (length == peeked.Length)
                    Array.Resize(ref peeked, 2 * length);
                int count = await ReadAsync(answer, peeked.AsMemory(length), hasProgressed: true).ConfigureAwait(false);
                if (count == 0)
                    break;
                length += count;
                answer.BytesRead = length;
                isStream = StreamRecognition.IsStream(protocol, answer.MediaType, peeked.AsSpan(0, length));
            }
        }
        catch (Exception e)
        {
            ExceptionDispatchInfo.Throw(HttpFailure.Translate(e, LlmPhase.AwaitFirstEvent, answer.Watchdog, answer.CancellationToken));
        }
        // These bytes are read and counted again.
        answer.BytesRead = 0;
        if (length > 0)
            answer.Body = new PeekedBody(answer.Body, peeked, length);
        return isStream;
    }

    /// <summary>Puts back the whole body of an answer that was read to its end.</summary>
    public static void PutBack(HttpAnswer answer, ReadOnlySpan<byte> body)
    {
        answer.BytesRead = 0;
        answer.Body = new PeekedBody(answer.Body, body.ToArray(), body.Length);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_peeked is not { } peeked)
            return Body.ReadAsync(buffer, cancellationToken);
        int count = Math.Min(buffer.Length, _end - _start);
        peeked.AsSpan(_start, count).CopyTo(buffer.Span);
        _start += count;
        if (_start == _end)
            _peeked = null;
        return new(count);
    }

    private static async ValueTask<int> ReadAsync(HttpAnswer answer, Memory<byte> room, bool hasProgressed)
    {
        answer.Watchdog.BeginWait(hasProgressed);
        int count = await answer.Body.ReadAsync(room, answer.Watchdog.Token).ConfigureAwait(false);
        answer.Watchdog.EndWait();
        // A body that ignores the token is closed instead, and may then report that it has ended.
        if (count == 0)
            answer.Watchdog.Token.ThrowIfCancellationRequested();
        return count;
    }
}
