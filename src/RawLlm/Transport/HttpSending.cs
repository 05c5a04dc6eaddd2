using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>
/// A request that is on its way. The call itself awaits <see cref="Head"/> and takes the answer, which saves a state machine.
/// </summary>
internal readonly struct HttpSending(
    HttpExchange exchange,
    WireRequest wire,
    HttpRequestMessage? request,
    Task<HttpResponseMessage> response,
    Task head,
    Watchdog watchdog,
    CancellationTokenSource? joined,
    CancellationToken cancellationToken
)
{
    /// <summary>Completes when the response's head has arrived, will not arrive, or is no longer awaited.</summary>
    public Task Head => head;

    /// <summary>Returns the answer, once its head has arrived.</summary>
    /// <exception cref="LlmException">The response cannot be trusted.</exception>
    public ValueTask<HttpAnswer> ToAnswerAsync()
    {
        var message = response.Result;
        var about = new ContentHead(message.Content.Headers);
        if (HeadCheck.Check(message, about, wire.Url!) is { } failure)
            throw failure;
        // Read before the request is released.
        bool wasSentAgain = request!.Content is WireContent { Writes: > 1 };
        if (exchange.OwnsHttp)
        {
            Release(request);
            // Synchronously: .NET's own content is at hand. A task that holds it would stay as long as the answer.
            return new(ToAnswer(message, about, message.Content.ReadAsStream(watchdog.Token), wasSentAgain));
        }
        var stop = joined?.Token ?? watchdog.Token;
        var body = message.Content.ReadAsStreamAsync(stop);
        return body.IsCompletedSuccessfully
            ? new(ToAnswer(message, about, body.Result, wasSentAgain))
            : WaitAsync(this, body, stop, wasSentAgain);
    }

    /// <summary>Ends a failed sending, and returns what to throw.</summary>
    public Exception Fail(Exception e, CancellationToken stop)
    {
        if (response.IsCompleted)
            Drop(response);
        else
        {
            ((Task)response).ContinueWith(
                static response => Drop((Task<HttpResponseMessage>)response),
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default
            );
        }

        watchdog.Dispose();
        joined?.Dispose();
        if (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested && e is not LlmException)
            return new OperationCanceledException(stop);
        var failure = HttpFailure.Translate(e, LlmPhase.AwaitHeaders, watchdog, cancellationToken, isHandedIn: !exchange.OwnsHttp);
        // A proxy that accepts the connection and then says nothing: .NET reports only the silence.
        if (failure is LlmException { Kind: LlmErrorKind.ConnectTimeout } && exchange.ProxyOf(wire.Url!) is { } proxy)
            return HttpFailure.ProxyTimeout(proxy);
        // A proxy that refuses: .NET's message contains its URL, with the password.
        if (
            failure is LlmException { Kind: LlmErrorKind.ProxyFailed } refused
            && e is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError, InnerException: null }
            && exchange.ProxyOf(wire.Url!) is { } refusing
        )
        {
            return refused.With(hint: $" The proxy is {refusing}.");
        }

        return
            failure
                is LlmException
                {
                    Kind: LlmErrorKind.NameResolution or LlmErrorKind.ConnectFailed or LlmErrorKind.ConnectTimeout or LlmErrorKind.TlsFailed
                } unreached
            ? unreached.With(hint: $" The address is {ProxySocketException.AuthorityOf(wire.Url!.IdnHost, wire.Url.Port)}.")
            : failure;
    }

    // Disposing a custom response may fail.
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
            // The outcome of the request is already known.
        }
    }

    // Custom content may ignore tokens: an error that it reports after the wait is not observed anywhere else.
    private static async ValueTask<HttpAnswer> WaitAsync(HttpSending sending, Task<Stream> body, CancellationToken stop, bool wasSentAgain)
    {
        Task read = body;
        _ = read.ContinueWith(
            static read => _ = read.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        await read.WaitAsync(stop).ConfigureAwait(false);
        return sending.ToAnswer(sending.Message, body.Result, wasSentAgain);
    }

    private HttpAnswer ToAnswer(HttpResponseMessage message, Stream body, bool wasSentAgain) =>
        ToAnswer(message, new ContentHead(message.Content.Headers), body, wasSentAgain);

    private HttpResponseMessage Message => response.Result;

    private HttpAnswer ToAnswer(HttpResponseMessage message, in ContentHead about, Stream body, bool wasSentAgain)
    {
        watchdog.HeadersCame();
        joined?.Dispose();
        return exchange.ToAnswer(message, about, body, watchdog, wasSentAgain, cancellationToken);
    }

    // .NET keeps the request as long as the answer: a waiting stream would hold the body's object, all headers and the key. With the
    // client's own handler, no other code looks at the request any more; a body that is still being sent is left alone.
    private static void Release(HttpRequestMessage request)
    {
        if (request.Content is WireContent { IsSending: true })
            return;
        request.Content = null;
        request.Headers.Clear();
    }
}
