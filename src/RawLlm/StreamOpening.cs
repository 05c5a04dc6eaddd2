using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Opens the same stream again while nothing of its answer was handed on; holds the request until then.</summary>
internal sealed class StreamOpening(LlmClient client, LlmCall call, WireRequest wire, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private int _isDisposed;

    /// <summary>A decoder for what a response holds.</summary>
    public StreamDecoder CreateDecoder(HttpAnswer answer)
    {
        var decoder = client.CreateDecoder(answer);
        foreach (var quirk in wire.Quirks)
            decoder.Record(quirk);
        if (answer.WasSentAgain)
            decoder.Record(LlmClient.SentAgain);
        answer.LetGoOfContent();
        return decoder;
    }

    /// <summary>Opens the stream again, or throws the failure when that is not worth while.</summary>
    /// <param name="failure">What ended the last attempt.</param>
    /// <param name="bodyBytes">How many bytes of the body had come.</param>
    /// <param name="readToken">The token of the read that wants more.</param>
    public async Task<HttpAnswer> ReopenAsync(LlmException failure, long bodyBytes, CancellationToken readToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(readToken, _stop.Token);
        try
        {
            await call.WaitOrThrowAsync(failure, serverSays: null, bodyBytes, stop.Token).ConfigureAwait(false);
            return await call.OpenAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            readToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(ChatStream));
        }
    }

    /// <summary>Something of the answer was handed on: the request is needed no more.</summary>
    public void Commit()
    {
        call.Succeeded();
        Dispose();
    }

    /// <summary>Ends an opening that is under way.</summary>
    public void Stop()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The answer began at the same moment: there is nothing to end.
        }
        catch (AggregateException)
        {
            // What a handler that was handed in has registered failed: the opening ends all the same.
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        wire.Dispose();
        _stop.Dispose();
    }
}
