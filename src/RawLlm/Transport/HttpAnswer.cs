using System.Net.Http.Headers;

namespace RawLlm.Transport;

/// <summary>The head of a response and its body, not yet read. Disposing it ends the connection's use at once.</summary>
/// <remarks>
/// One that nobody disposes is found by the garbage collector. The platform's own finalizers then end the connection; this one ends what would
/// stay with the client and with the caller's token. It costs an answer that is disposed 40 ns and no byte (measured on .NET 10.0.12).
/// </remarks>
internal sealed class HttpAnswer(HttpResponseMessage response, Stream body, Watchdog watchdog, CancellationToken cancellationToken, Action? abandoned = null) : IDisposable
{
    // True once the last read sees to the end.
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
            // Neither whoever is told nor a clock of the caller's own can be told of that, and the process must not end by it.
        }
    }

    public int Status => (int)response.StatusCode;

    /// <summary>What holds the answer; another one around it may take its place before it is read.</summary>
    public Stream Body
    {
        get => body;
        set => body = value;
    }

    public Watchdog Watchdog => watchdog;

    /// <summary>Whether something below sent the request more than once.</summary>
    public bool WasSentAgain { get; init; }

    /// <summary>True where the content is the platform's own and holds nothing but the body's stream.</summary>
    public bool OwnsContent { get; init; }

    /// <summary>How many bytes of the body were read.</summary>
    public long BytesRead { get; set; }

    /// <summary>The caller's own token, by which its cancelling is told from a limit's.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The media type without its parameters, in lower case; null when the server named none.</summary>
    public string? MediaType => KnownMediaType switch
    {
        KnownMediaType.EventStream => "text/event-stream",
        KnownMediaType.Json => "application/json",
        _ => response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(),
    };

    /// <summary>The same, where it is one of those that nearly all answers have; it outlives the header.</summary>
    public KnownMediaType KnownMediaType { get; init; }

    /// <summary>All headers, as the server spelt them, read without the platform's own parsing. Read anew each time: a stream that waits keeps no copy.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => Read();

    /// <summary>Of a stream, lets go of what only its beginning asks: the platform's object around the body and the headers that describe it; a media type that is not known by name goes with them.</summary>
    public void LetGoOfContent()
    {
        if (OwnsContent)
            response.Content = null;
    }

    /// <summary>Ends the answer, which is whole, behind the read that looks for the end of its body and that nobody waits for.</summary>
    /// <remarks>
    /// Where the end comes soon, the connection can serve the next request: over HTTP/1.1 it would otherwise have to be made anew, and over HTTP/2 the service
    /// would be told to stop what it has done already. Where more comes, or nothing (<see cref="Watchdog.BeginEnd"/>), it is closed. The platform's body is not
    /// made to be disposed beside a read: of a connection of HTTP/1.1 both would then take what comes last. The token closes it first.
    /// </remarks>
    public void EndBehind(Task<int> read)
    {
        Volatile.Write(ref _isLeft, true);
        GC.SuppressFinalize(this);
        // Others' streams need not heed a token. Those that do have done so when the pool comes to it.
        if (!OwnsContent)
            watchdog.Token.UnsafeRegister(static answer => ThreadPool.UnsafeQueueUserWorkItem(static answer => answer.Close(), (HttpAnswer)answer!, preferLocal: false), this);
        watchdog.BeginEnd();
        read.ContinueWith(
            static (read, answer) => ((HttpAnswer)answer!).EndAfter(read),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Has a body that is not the platform's own closed when a limit is reached or the caller cancels, since a read of it may heed no token.</summary>
    public void CloseWhenStopped()
    {
        // Weak: the client's calls hold the token's source, and an answer that nobody holds any more is to be found.
        if (!OwnsContent)
            watchdog.Token.UnsafeRegister(static answer => (((WeakReference<HttpAnswer>)answer!).TryGetTarget(out var found) ? found : null)?.CloseIfTokenIgnored(), new WeakReference<HttpAnswer>(this));
    }

    /// <summary>Closes a body under a read that was cancelled, if that does not heed its token; a platform's own does.</summary>
    public void CloseIfTokenIgnored()
    {
        if (!OwnsContent)
            watchdog.Wait().ContinueWith(static (_, answer) => ((HttpAnswer)answer!).Close(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Ends the answer; not to be called beside a read of it. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref _isLeft))
            return;
        // First the connection: of what is not read to its end the platform would otherwise look for the rest.
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
            // A body that was handed in: what became of the answer is known already, and who closes may be a thread of the pool.
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
                // The platform lets them through; nothing that is shown or logged may hold them.
                if (!value.AsSpan().ContainsAny('\r', '\n', '\0'))
                    to.Add(new(name, value));
            }
        }
    }
}
