namespace RawLlm.Testing;

/// <summary>Records calls into a cassette, beside handing them on: a handler to put under an <see cref="LlmClient"/>'s <see cref="HttpClient"/>. Thread-safe.</summary>
/// <remarks>
/// <para>A cassette is one file for all calls of a test, in the order in which they were sent: what belongs together is reviewed, and replayed, together. It is written whole
/// each time a call has ended, and once more by <see cref="Save"/> and when the recorder is disposed, for calls that have not. A file that is there is replaced.</para>
/// <para>No credential is written: of headers and of an address only known, harmless values are, and what else looks like a secret is looked for, and overwritten, in what was
/// sent and what came back. Prompts and answers are written as they are.</para>
/// <para>Nothing is held back: each read of a body gives what the read below it gave.</para>
/// </remarks>
public sealed class WireRecorder : DelegatingHandler
{
    private readonly Lock _lock = new();
    private readonly Lock _fileLock = new();
    private readonly List<CallRecording> _calls = [];
    private readonly CassetteOptions _options;
    private int _isDisposed;

    /// <summary>Makes a recorder.</summary>
    /// <param name="path">The cassette; its folder is made when there is none.</param>
    /// <param name="inner">What sends the requests; <see cref="LlmClient.CreateHandler"/> when null. It is disposed with the recorder.</param>
    /// <param name="options">Which headers are written beside the usual, and the clock; the defaults when null.</param>
    /// <exception cref="ArgumentException">A header in which credentials travel is to be kept.</exception>
    public WireRecorder(string path, HttpMessageHandler? inner = null, CassetteOptions? options = null)
        : base(inner ?? LlmClient.CreateHandler())
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = System.IO.Path.GetFullPath(path);
        _options = options ?? CassetteOptions.Default;
        foreach (string name in _options.KeptHeaders)
        {
            if (RecordedHeaders.IsSecret(name))
                throw new ArgumentException($"The header {name} may hold a credential or an account, and is not written to a cassette.", nameof(options));
        }
    }

    /// <summary>Where the cassette is.</summary>
    public string Path { get; }

    /// <summary>Writes the cassette as it now is; calls that are under way end in it where they are. Where there was no call, nothing is written.</summary>
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
                // Never half a cassette, whatever ends the process.
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
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => SendAsync(request, cancellationToken).GetAwaiter().GetResult();

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
        Take(request.Headers.NonValidated, headers, mask);
        byte[]? body = null;
        if (request.Content is { } content)
        {
            Take(content.Headers.NonValidated, headers, mask);
            // Kept by the content, which therefore is not written a second time when it is sent.
            body = await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        mask.Add(request.RequestUri!);
        var call = new RecordedCall { Method = request.Method.Method, Path = mask.Apply(RecordedPath.Of(request.RequestUri!)), RequestHeaders = headers, Body = body };
        var recording = new CallRecording(call, mask, _options, Ended);
        lock (_lock)
            _calls.Add(recording);
        return recording;
    }

    private void Take(System.Net.Http.Headers.HttpHeadersNonValidated from, SortedDictionary<string, string> headers, SecretMask mask)
    {
        foreach (var (name, values) in from)
        {
            if (RecordedHeaders.MayHoldRequest(name, _options.KeptHeaders))
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
        // Behind its end the recorder has written everything, and the folder may be gone.
        if (Volatile.Read(ref _isDisposed) != 0)
            return;
        try
        {
            Save();
        }
        catch (InvalidOperationException)
        {
            // Whoever reads the answer is not to suffer for it; the last writing fails in the same way.
        }
    }
}
