using RawLlm.Framing;

namespace RawLlm.Transport;

/// <summary>Reads the whole body of a response, within a bound.</summary>
internal static class BodyReader
{
    /// <summary>The body of an answer.</summary>
    /// <exception cref="LlmException">It is longer than the bound, or the connection broke.</exception>
    public static async Task<PooledBody> ReadAsync(HttpAnswer answer, int limit, CancellationToken cancellationToken)
    {
        var body = new PooledBody();
        try
        {
            while (await ReadSomeAsync(answer, body.Window, cancellationToken).ConfigureAwait(false))
            {
                if (body.Window.UnreadLength > limit)
                    throw new LlmException(LlmErrorKind.LimitExceeded, "The answer is longer than LlmLimits.ReplyBytes allows.") { Limit = LlmLimit.ReplyBytes, Phase = LlmPhase.Streaming };
            }
            return body;
        }
        catch (Exception e)
        {
            body.Dispose();
            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
                throw new OperationCanceledException(cancellationToken);
            if (HttpFailure.Read(e, LlmPhase.Streaming) is { } failure)
                throw failure;
            throw;
        }
    }

    /// <summary>The beginning of an error's body: what the bound lets through, and what came before the connection broke.</summary>
    public static async Task<PooledBody> ReadErrorAsync(HttpAnswer answer, int limit, CancellationToken cancellationToken)
    {
        var body = new PooledBody();
        try
        {
            while (body.Window.UnreadLength < limit && await ReadSomeAsync(answer, body.Window, cancellationToken).ConfigureAwait(false))
            {
            }
        }
        catch (Exception e)
        {
            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                body.Dispose();
                throw new OperationCanceledException(cancellationToken);
            }
            if (HttpFailure.Read(e, LlmPhase.Streaming) is null)
            {
                body.Dispose();
                throw;
            }
        }
        return body;
    }

    private static async ValueTask<bool> ReadSomeAsync(HttpAnswer answer, ByteWindow window, CancellationToken cancellationToken)
    {
        int count = await answer.Body.ReadAsync(window.GetMemory(4096), cancellationToken).ConfigureAwait(false);
        window.Advance(count);
        return count > 0;
    }
}
