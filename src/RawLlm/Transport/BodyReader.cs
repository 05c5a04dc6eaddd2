using System.Runtime.ExceptionServices;
using RawLlm.Framing;

namespace RawLlm.Transport;

/// <summary>Reads the whole body of a response, within a limit.</summary>
internal static class BodyReader
{
    /// <summary>Reads the body of an answer.</summary>
    /// <exception cref="LlmException">The body is longer than the limit, or the connection broke.</exception>
    public static async Task<PooledBody> ReadAsync(HttpAnswer answer, int limit)
    {
        var body = new PooledBody();
        // No array can be longer.
        limit = Math.Min(limit, body.Window.Ceiling);
        try
        {
            while (await ReadSomeAsync(answer, body.Window, maxBytes: int.MaxValue, isAnswer: true).ConfigureAwait(false))
            {
                if (body.Window.UnreadLength > limit)
                    throw TooLong();
            }
            return body;
        }
        catch (Exception e)
        {
            body.Dispose();
            ExceptionDispatchInfo.Throw(HttpFailure.Translate(e, LlmPhase.Streaming, answer.Watchdog, answer.CancellationToken));
            throw;
        }
    }

    /// <summary>Reads the beginning of an error's body: up to the limit, or what arrived before the connection broke.</summary>
    public static async Task ReadErrorAsync(HttpAnswer answer, PooledBody body, int limit)
    {
        limit = Math.Min(limit, body.Window.Ceiling);
        try
        {
            while (
                body.Window.UnreadLength < limit
                && await ReadSomeAsync(answer, body.Window, limit - body.Window.UnreadLength, isAnswer: false).ConfigureAwait(false)
            ) { }
        }
        catch (Exception e)
        {
            // What arrived is enough: the status already says what happened.
            var failure = HttpFailure.Translate(e, LlmPhase.Streaming, answer.Watchdog, answer.CancellationToken);
            if (failure is not LlmException)
                ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Returns the error for a whole answer beyond its limit.</summary>
    public static LlmException TooLong() =>
        new(LlmErrorKind.LimitExceeded, "The answer is longer than LlmLimits.ReplyBytes allows.")
        {
            Limit = LlmLimit.ReplyBytes,
            Phase = LlmPhase.Streaming,
        };

    private static async ValueTask<bool> ReadSomeAsync(HttpAnswer answer, ByteWindow window, int maxBytes, bool isAnswer)
    {
        // The bytes of an error are no progress: an error that trickles in times out like a stream without events.
        answer.Watchdog.BeginWait(hasProgressed: isAnswer);
        var room = window.GetMemory(4096);
        int count = await answer
            .Body.ReadAsync(room.Length > maxBytes ? room[..maxBytes] : room, answer.Watchdog.Token)
            .ConfigureAwait(false);
        answer.Watchdog.EndWait();
        // A body that ignores the token is closed instead, and may then report that it has ended.
        if (count == 0)
            answer.Watchdog.Token.ThrowIfCancellationRequested();
        window.Advance(count);
        answer.BytesRead += count;
        return count > 0;
    }
}
