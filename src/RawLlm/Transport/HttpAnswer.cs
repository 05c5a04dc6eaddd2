using System.Net.Http.Headers;

namespace RawLlm.Transport;

/// <summary>The head of a response and its body, not yet read. Disposing it immediately ends its use of the connection.</summary>
/// <remarks>
/// An answer that is never disposed is found by the garbage collector. .NET's own finalizers then end the connection; this one ends what
/// the client and the caller's token would otherwise keep. It costs a disposed answer 40 ns and no bytes (measured on .NET 10.0.12).
/// </remarks>
internal sealed class HttpAnswer(
    HttpResponseMessage response,
    Stream body,
    Watchdog watchdog,
    CancellationToken cancellationToken,
    Action? abandoned = null
) : IDisposable
{
    // True once the last read handles the end.
    private bool _isLeft;
    private bool _isClosed;

    ~HttpAnswer()
    {
        try
        {
            watchdog.Dispose();
            abandoned?.Invoke();
        }
        catch (Exception)
        {
            // The callback and the clock are the caller's: their exceptions cannot be reported to anyone, and must not end the process.
        }
    }

    public int Status => (int)response.StatusCode;

    /// <summary>The body; may be replaced by a stream that wraps it, before it is read.</summary>
    public Stream Body
    {
        get => body;
        set => body = value;
    }

    public Watchdog Watchdog => watchdog;

    /// <summary>Whether a lower layer sent the request more than once.</summary>
    public bool WasSentAgain { get; init; }

    /// <summary>Whether the content is .NET's own and contains nothing but the body's stream.</summary>
    public bool OwnsContent { get; init; }

    /// <summary>The number of bytes of the body that were read.</summary>
    public long BytesRead { get; set; }

    /// <summary>The caller's token, which distinguishes the caller's cancellation from a timeout.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The media type without its parameters, in lower case; null if the server sent none.</summary>
    public string? MediaType =>
        KnownMediaType switch
        {
            KnownMediaType.EventStream => "text/event-stream",
            KnownMediaType.Json => "application/json",
            _ => response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(),
        };

    /// <summary>The same, if it is one of those that nearly all answers have; it outlives the header.</summary>
    public KnownMediaType KnownMediaType { get; init; }

    /// <summary>
    /// All headers as the server spelled them, without .NET's own parsing. Read again on each access: a waiting stream keeps no copy.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => Read();

    /// <summary>
    /// Releases what only the beginning of a stream needs: .NET's object around the body, and the headers that describe the body. A media
    /// type that is not a known one goes with them.
    /// </summary>
    public void ReleaseContent()
    {
        if (OwnsContent)
            response.Content = null;
    }

    /// <summary>Ends a complete answer after the read that looks for the end of its body, which no caller waits for.</summary>
    /// <remarks>
    /// If the end arrives soon, the connection can serve the next request. Without this read, HTTP/1.1 would need a new connection, and
    /// HTTP/2 would tell the service to stop work that it has already done. If more bytes arrive, or none
    /// (<see cref="Watchdog.BeginEnd"/>), the connection is closed. .NET's body must not be disposed during a read: on HTTP/1.1, both would
    /// then take the last bytes of the connection. The token closes it first.
    /// </remarks>
    public void EndInBackground(Task<int> read)
    {
        Volatile.Write(ref _isLeft, true);
        GC.SuppressFinalize(this);
        // Custom streams may ignore the token. Those that observe it have done so by the time the pool runs this.
        if (!OwnsContent)
        {
            watchdog.Token.UnsafeRegister(
                static answer =>
                    ThreadPool.UnsafeQueueUserWorkItem(static answer => answer.Close(), (HttpAnswer)answer!, preferLocal: false),
                this
            );
        }

        watchdog.BeginEnd();
        read.ContinueWith(
            static (read, answer) => ((HttpAnswer)answer!).EndAfter(read),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    /// <summary>
    /// Closes a body that is not .NET's own when a limit is reached or the caller cancels, because a read of it may ignore its token.
    /// </summary>
    public void CloseWhenStopped()
    {
        // Weak: the client's calls hold the token's source, and an answer without references must still be collected.
        if (!OwnsContent)
        {
            watchdog.Token.UnsafeRegister(
                static answer => (((WeakReference<HttpAnswer>)answer!).TryGetTarget(out var found) ? found : null)?.CloseIfTokenIgnored(),
                new WeakReference<HttpAnswer>(this)
            );
        }
    }

    /// <summary>Closes a body during a canceled read if it ignores its token; .NET's own body does not.</summary>
    public void CloseIfTokenIgnored()
    {
        if (!OwnsContent)
        {
            watchdog
                .Wait()
                .ContinueWith(
                    static (_, answer) => ((HttpAnswer)answer!).Close(),
                    this,
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default
                );
        }
    }

    /// <summary>Ends the answer; must not be called during a read of it. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref _isLeft))
            return;
        // The connection first: otherwise .NET would look for the rest of a body that was not read to its end.
        if (OwnsContent && !Volatile.Read(ref _isClosed))
            watchdog.Cancel();
        Close();
        watchdog.Dispose();
        GC.SuppressFinalize(this);
    }

    private void EndAfter(Task<int> read)
    {
        if (!read.IsCompletedSuccessfully || read.Result > 0)
            watchdog.Cancel();
        _ = read.Exception;
        Close();
        watchdog.Dispose();
    }

    private void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
            return;
        try
        {
            try
            {
                body.Dispose();
            }
            finally
            {
                response.Dispose();
            }
        }
        catch (Exception)
        {
            // A custom body: the answer's outcome is already known, and this may run on a pool thread.
        }
    }

    private List<KeyValuePair<string, string>> Read()
    {
        var headers = new List<KeyValuePair<string, string>>();
        Add(response.Headers.NonValidated, headers);
        Add(response.Content.Headers.NonValidated, headers);
        return headers;
    }

    private static void Add(HttpHeadersNonValidated from, List<KeyValuePair<string, string>> to)
    {
        foreach (var (name, values) in from)
        {
            foreach (string value in values)
            {
                // .NET accepts these characters; nothing that is shown or logged may contain them.
                if (!value.AsSpan().ContainsAny('\r', '\n', '\0'))
                    to.Add(new(name, value));
            }
        }
    }
}
