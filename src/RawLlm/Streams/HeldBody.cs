using System.Runtime.ExceptionServices;
using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>The body of a stream whose beginning has been read and is read again.</summary>
internal sealed class HeldBody : WrappedBody
{
    private byte[]? _held;
    private int _start;
    private int _end;

    private HeldBody(Stream body, byte[] held, int length)
        : base(body)
    {
        _held = held;
        _end = length;
    }

    /// <summary>Reads an answer until some of it has arrived, and then puts back everything that was read.</summary>
    /// <param name="answer">The answer, from which nothing has been read.</param>
    /// <param name="probe">Decodes the bytes as they are read.</param>
    /// <param name="limits">How many bytes may precede the answer: those of one event or, if the body is not a stream, those of a whole
    /// answer.</param>
    /// <exception cref="LlmException">The answer broke off, or reported an error, before any of it arrived.</exception>
    public static async Task HoldAsync(HttpAnswer answer, StreamProbe probe, LlmLimits limits)
    {
        byte[] held = new byte[4096];
        int length = 0;
        try
        {
            while (!probe.HasBegun && !probe.IsEnded)
            {
                if (length == held.Length)
                    Array.Resize(ref held, (int)Math.Min(Array.MaxLength, 2L * length));
                int count = await ReadAsync(answer, held.AsMemory(length), hasProgressed: false).ConfigureAwait(false);
                if (count == 0)
                {
                    probe.Complete();
                }
                else
                {
                    probe.Feed(held.AsSpan(length, count));
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
        answer.Body = new HeldBody(answer.Body, held, length);
    }

    /// <summary>Reads the first bytes of an answer to recognize its form, and then puts them back.</summary>
    /// <param name="answer">The answer, from which nothing has been read.</param>
    /// <param name="protocol">The wire.</param>
    /// <param name="most">How many bytes of white space are searched.</param>
    /// <returns>True for a stream, false for a whole answer; null if there was only white space.</returns>
    /// <exception cref="LlmException">The connection broke.</exception>
    public static async Task<bool?> RecognizeAsync(HttpAnswer answer, WireProtocol protocol, int most)
    {
        byte[] held = new byte[4096];
        int length = 0;
        bool? isStream = null;
        try
        {
            while (isStream is null && length <= most)
            {
                if (length == held.Length)
                    Array.Resize(ref held, 2 * length);
                int count = await ReadAsync(answer, held.AsMemory(length), hasProgressed: true).ConfigureAwait(false);
                if (count == 0)
                    break;
                length += count;
                answer.BytesRead = length;
                isStream = StreamRecognition.IsStream(protocol, answer.MediaType, held.AsSpan(0, length));
            }
        }
        catch (Exception e)
        {
            ExceptionDispatchInfo.Throw(HttpFailure.Translate(e, LlmPhase.AwaitFirstEvent, answer.Watchdog, answer.CancellationToken));
        }
        // These bytes are read and counted again.
        answer.BytesRead = 0;
        if (length > 0)
            answer.Body = new HeldBody(answer.Body, held, length);
        return isStream;
    }

    /// <summary>Puts back the whole body of an answer that was read to its end.</summary>
    public static void Hold(HttpAnswer answer, ReadOnlySpan<byte> body)
    {
        answer.BytesRead = 0;
        answer.Body = new HeldBody(answer.Body, body.ToArray(), body.Length);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_held is not { } held)
            return Body.ReadAsync(buffer, cancellationToken);
        int count = Math.Min(buffer.Length, _end - _start);
        held.AsSpan(_start, count).CopyTo(buffer.Span);
        _start += count;
        if (_start == _end)
            _held = null;
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
