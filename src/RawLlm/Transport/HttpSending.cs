using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>A request that is on its way. The call itself awaits the <see cref="Head"/> and takes the answer, which saves a state machine of its own.</summary>
internal readonly struct HttpSending(HttpExchange exchange, WireRequest wire, HttpRequestMessage? request, Task<HttpResponseMessage> response, Task head, Watchdog watchdog, CancellationTokenSource? joined, CancellationToken cancellationToken)
{
    /// <summary>Ends when the head of the response has come, or none will or is waited for.</summary>
    public Task Head => head;

    /// <summary>The answer, once its head has come.</summary>
    /// <exception cref="LlmException">The response is not to be believed.</exception>
    public ValueTask<HttpAnswer> ToAnswerAsync()
    {
        var message = response.Result;
        var about = new ContentHead(message.Content.Headers);
        if (HeadCheck.Check(message, about, wire.Url!) is { } failure)
            throw failure;
        // Read before the request is let go.
        bool wasSentAgain = request!.Content is WireContent { Writes: > 1 };
        if (exchange.OwnsHttp)
        {
            LetGo(request);
            // At once: the platform's own content is at hand. A task that holds it would stay as long as the answer does.
            return new(ToAnswer(message, about, message.Content.ReadAsStream(watchdog.Token), wasSentAgain));
        }
        var stop = joined?.Token ?? watchdog.Token;
        var body = message.Content.ReadAsStreamAsync(stop);
        return body.IsCompletedSuccessfully ? new(ToAnswer(message, about, body.Result, wasSentAgain)) : WaitAsync(this, body, stop, wasSentAgain);
    }

    /// <summary>Ends what has failed, and says what to throw.</summary>
    public Exception Fail(Exception e, CancellationToken stop)
    {
        if (response.IsCompleted)
            Drop(response);
        else
            response.ContinueWith(static response => Drop(response), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        watchdog.Dispose();
        joined?.Dispose();
        if (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested && e is not LlmException)
            return new OperationCanceledException(stop);
        var failure = HttpFailure.Translate(e, LlmPhase.AwaitHeaders, watchdog, cancellationToken, isHandedIn: !exchange.OwnsHttp);
        // One that takes the connection and then says nothing: the platform tells of the silence alone.
        if (failure is LlmException { Kind: LlmErrorKind.ConnectTimeout } && exchange.ProxyOf(wire.Url!) is { } proxy)
            return HttpFailure.ProxyTimeout(proxy);
        // One that refuses: the platform has its address, with the password, in its text.
        if (failure is LlmException { Kind: LlmErrorKind.ProxyFailed } refused && e is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError, InnerException: null } && exchange.ProxyOf(wire.Url!) is { } refusing)
            return refused.With(hint: $" The proxy is {refusing}.");
        return failure is LlmException { Kind: LlmErrorKind.NameResolution or LlmErrorKind.ConnectFailed or LlmErrorKind.ConnectTimeout or LlmErrorKind.TlsFailed } unreached
            ? unreached.With(hint: $" The address is {ProxySocketException.AuthorityOf(wire.Url!.IdnHost, wire.Url.Port)}.") : failure;
    }

    // Of somebody's own it may fail to be disposed.
    private static void Drop(Task<HttpResponseMessage> response)
    {
        if (!response.IsCompletedSuccessfully)
        {
            _ = response.Exception;
            return;
        }
        try
        {
            response.Result.Dispose();
        }
        catch (Exception)
        {
            // What became of the request is known already.
        }
    }

    // Content of somebody's own may heed no token: what it says after it was waited for is nobody's error.
    private static async ValueTask<HttpAnswer> WaitAsync(HttpSending sending, Task<Stream> body, CancellationToken stop, bool wasSentAgain)
    {
        _ = body.ContinueWith(static body => body.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return sending.ToAnswer(sending.Message, await body.WaitAsync(stop).ConfigureAwait(false), wasSentAgain);
    }

    private HttpAnswer ToAnswer(HttpResponseMessage message, Stream body, bool wasSentAgain) => ToAnswer(message, new ContentHead(message.Content.Headers), body, wasSentAgain);

    private HttpResponseMessage Message => response.Result;

    private HttpAnswer ToAnswer(HttpResponseMessage message, in ContentHead about, Stream body, bool wasSentAgain)
    {
        watchdog.HeadersCame();
        joined?.Dispose();
        return exchange.ToAnswer(message, about, body, watchdog, wasSentAgain, cancellationToken);
    }

    // The platform keeps the request as long as the answer: a stream that waits would hold the body's object, all headers, and the key. Of the
    // client's own handler nobody looks at it any more; a body that is still on its way is left alone.
    private static void LetGo(HttpRequestMessage request)
    {
        if (request.Content is WireContent { IsSending: true })
            return;
        request.Content = null;
        request.Headers.Clear();
    }
}
