namespace RawLlm.Testing;

/// <summary>
/// A handler for an <see cref="LlmClient"/>'s <see cref="HttpClient"/> that passes calls on and records them in a cassette. Thread-safe.
/// </summary>
/// <remarks>
/// <para>A cassette is one file with all calls of a test, in the order in which they were sent, so that they are reviewed and replayed
/// together. The whole file is written each time a call ends; <see cref="Save"/> and disposing the recorder write it again, including calls
/// in progress. An existing file is replaced.</para>
/// <para>Credentials are not written. Of headers and of a URL's query, only values known to be harmless are written. In a URL's path,
/// accounts, projects and what looks like a key are masked; a key that consists of words or only of digits is not recognized there. Values
/// that look like secrets are also overwritten in the bodies of the request and the response. Apart from that, paths, prompts and answers
/// are written as they are.</para>
/// <para>Nothing is buffered: each read of a body returns what the read of the inner body returned.</para>
/// </remarks>
public sealed class WireRecorder : DelegatingHandler
{
    private readonly Lock _lock = new();
    private readonly Lock _fileLock = new();
    private readonly List<CallRecording> _calls = [];
    private readonly CassetteOptions _options;
    private int _isDisposed;

    /// <summary>Creates a recorder.</summary>
    /// <param name="path">The cassette; its folder is created if it does not exist.</param>
    /// <param name="inner">Sends the requests; null for <see cref="LlmClient.CreateHandler"/>. It is disposed with the recorder.</param>
    /// <param name="options">The headers to write in addition to the usual ones, and the clock; null for the defaults.</param>
    /// <exception cref="ArgumentException"><c>CassetteOptions.KeptHeaders</c> contains a header that can carry a credential or an
    /// account.</exception>
    public WireRecorder(string path, HttpMessageHandler? inner = null, CassetteOptions? options = null)
        : base(inner ?? LlmClient.CreateHandler())
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = System.IO.Path.GetFullPath(path);
        _options = options ?? CassetteOptions.Default;
        foreach (string name in _options.KeptHeaders)
        {
            if (RecordedHeaders.IsSecret(name))
            {
                throw new ArgumentException(
                    $"The header {name} may contain a credential or an account, so it cannot be written to a cassette. Remove it from KeptHeaders.",
                    nameof(options)
                );
            }
        }
    }

    /// <summary>The path of the cassette.</summary>
    public string Path { get; }

    /// <summary>
    /// Writes the cassette in its current state; calls in progress are written up to this point. Without any calls, nothing is written.
    /// </summary>
    /// <exception cref="InvalidOperationException">The file cannot be written.</exception>
    public void Save()
    {
        lock (_fileLock)
        {
            var calls = new List<RecordedCall>();
            lock (_lock)
            {
                foreach (var call in _calls)
                    calls.Add(call.Snapshot());
            }
            if (calls.Count == 0)
                return;
            try
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
                // Never leaves half a cassette, even if the process ends.
                string beside = Path + ".new";
                File.WriteAllBytes(beside, CassetteFile.Write(calls));
                File.Move(beside, Path, overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InvalidOperationException($"The cassette {Path} cannot be written: {e.Message}", e);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        var recording = await BeginAsync(request, cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            recording.Fail(e);
            throw;
        }
        recording.Head(response);
        response.Content = new RecordingContent(response.Content, recording);
        return response;
    }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The file cannot be written.</exception>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            base.Dispose(disposing);
            Save();
        }
    }

    private async Task<CallRecording> BeginAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var mask = new SecretMask();
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        RecordHeaders(request.Headers.NonValidated, headers, mask);
        byte[]? body = null;
        if (request.Content is { } content)
        {
            RecordHeaders(content.Headers.NonValidated, headers, mask);
            // The content buffers it, so it is not serialized again when it is sent.
            body = await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        mask.Add(request.RequestUri!);
        var call = new RecordedCall
        {
            Method = request.Method.Method,
            Path = mask.Apply(RecordedPath.Of(request.RequestUri!)),
            RequestHeaders = headers,
            Body = body,
        };
        var recording = new CallRecording(call, mask, _options, Ended);
        lock (_lock)
            _calls.Add(recording);
        return recording;
    }

    private void RecordHeaders(
        System.Net.Http.Headers.HttpHeadersNonValidated from,
        SortedDictionary<string, string> headers,
        SecretMask mask
    )
    {
        foreach (var (name, values) in from)
        {
            if (RecordedHeaders.MayRecordRequest(name, _options.KeptHeaders))
            {
                headers[name.ToLowerInvariant()] = values.ToString();
                continue;
            }
            foreach (string value in values)
                mask.Add(name, value);
        }
    }

    private void Ended()
    {
        // Disposing has written everything, and the folder may no longer exist.
        if (Volatile.Read(ref _isDisposed) != 0)
            return;
        try
        {
            Save();
        }
        catch (InvalidOperationException)
        {
            // Reading the answer must not fail because of it; the last write reports the same failure.
        }
    }
}
