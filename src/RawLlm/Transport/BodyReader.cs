using System.Runtime.ExceptionServices;
using RawLlm.Framing;

namespace RawLlm.Transport;

/// <summary>Reads the whole body of a response, within a bound.</summary>
internal static class BodyReader
{
    /// <summary>The body of an answer.</summary>
    /// <exception cref="LlmException">It is longer than the bound, or the connection broke.</exception>
    public static async Task<PooledBody> ReadAsync(HttpAnswer answer, int limit)
    {
        var body = new PooledBody();
        // No array holds more.
        limit = Math.Min(limit, body.Window.Ceiling);
        try
        {
            while (await ReadSomeAsync(answer, body.Window, most: int.MaxValue, isAnswer: true).ConfigureAwait(false))
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

    /// <summary>The beginning of an error's body: what the bound lets through, and what came before the connection broke.</summary>
    public static async Task<PooledBody> ReadErrorAsync(HttpAnswer answer, int limit)
    {
        var body = new PooledBody();
        limit = Math.Min(limit, body.Window.Ceiling);
        try
        {
            while (body.Window.UnreadLength < limit && await ReadSomeAsync(answer, body.Window, limit - body.Window.UnreadLength, isAnswer: false).ConfigureAwait(false))
            {
            }
        }
        catch (Exception e)
        {
            // What came is enough: the status has already told what happened.
            var failure = HttpFailure.Translate(e, LlmPhase.Streaming, answer.Watchdog, answer.CancellationToken);
            if (failure is not LlmException)
            {
                body.Dispose();
                ExceptionDispatchInfo.Throw(failure);
            }
        }
        return body;
    }

    /// <summary>The error for a whole answer beyond its bound.</summary>
    public static LlmException TooLong() =>
        new(LlmErrorKind.LimitExceeded, "The answer is longer than LlmLimits.ReplyBytes allows.") { Limit = LlmLimit.ReplyBytes, Phase = LlmPhase.Streaming };

    private static async ValueTask<bool> ReadSomeAsync(HttpAnswer answer, ByteWindow window, int most, bool isAnswer)
    {
        // The bytes of an error bring nothing forward: one that comes in drips ends where a stream without an event would.
        answer.Watchdog.BeginWait(hasProgressed: isAnswer);
        var room = window.GetMemory(4096);
        int count = await answer.Body.ReadAsync(room.Length > most ? room[..most] : room, answer.Watchdog.Token).ConfigureAwait(false);
        answer.Watchdog.EndWait();
        // A body that heeds no token is closed in its place, and may then say that it has ended.
        if (count == 0)
            answer.Watchdog.Token.ThrowIfCancellationRequested();
        window.Advance(count);
        answer.BytesRead += count;
        return count > 0;
    }
}
