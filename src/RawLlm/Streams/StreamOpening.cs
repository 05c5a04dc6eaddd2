using System.Diagnostics;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Opens the same stream again as long as nothing of its answer has been delivered; holds the request until then.</summary>
internal class StreamOpening(LlmClient client, LlmCall call, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private StreamDecoder? _prepared;
    private StreamDecoder? _reopened;
    private PendingByteOrderMark _mark;
    private bool _isStream;
    private bool _isJson;
    private bool _wasSentAgain;
    private int _isDisposed;

    /// <summary>Whether no byte has shown yet what the body is.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>
    /// The media type of the answer that was opened last, which its head may no longer hold; null if the server sent none.
    /// </summary>
    public string? MediaType { get; private set; }

    /// <summary>The bytes before those that showed what the body is, if they matter to a decoder.</summary>
    public ReadOnlySpan<byte> Mark => _mark.Bytes;

    /// <summary>What an error of the decoder says about the media type; null if it is the wire's own.</summary>
    public string? Hint { get; private set; }

    /// <summary>The attempts before the one whose answer is read; null if there were none.</summary>
    public EarlierAttempts? Earlier => call.Earlier;

    /// <summary>The same, for an error that ends this attempt; null in a chain's call, which lists all attempts itself.</summary>
    public virtual EarlierAttempts? EarlierOfOneService => call.Earlier;

    /// <summary>Where a chain's call records that the answering service asked clients to back off; null outside a chain.</summary>
    public virtual EndpointHealth? Health => null;

    /// <summary>Keys in the request's headers; null if there are none.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public List<string>? Secrets => call.Secrets;

    /// <summary>Whether the request brings its own credential.</summary>
    public bool UsesRequestCredential => call.UsesOwnCredential;

    /// <summary>The client that the stream was opened with last.</summary>
    public LlmClient Client
    {
        get => client;
        protected set => client = value;
    }

    /// <summary>The token that the call was made with.</summary>
    protected CancellationToken CallersToken => cancellationToken;

    /// <summary>The telemetry of the last call; usually null.</summary>
    public CallTelemetry? Telemetry => call.Telemetry;

    /// <summary>The model requested from that client.</summary>
    public string Model => call.Model;

    /// <summary>Whether this is a fallback chain's call.</summary>
    public virtual bool IsOfSeveral => false;

    /// <summary>Whether a refusal may be followed by another attempt, because the client learns from it.</summary>
    public bool LearnsFromRefusals => client.Learning is not null;

    /// <summary>Creates the decoder that is probably needed, while the request is on its way.</summary>
    public void Prepare()
    {
        try
        {
            _prepared = client.CreateDecoder(isStream: true, call.Wire.RequestsLogProbs);
        }
        catch (Exception)
        {
            // A custom wire may throw: the error surfaces when the decoder is needed.
        }
    }

    /// <summary>Creates a decoder for a response, judging by its media type.</summary>
    /// <exception cref="LlmException">The media type is missing or not the wire's own, and decoding is strict.</exception>
    public StreamDecoder CreateDecoder(HttpAnswer answer)
    {
        MediaType = answer.MediaType;
        _mark = default;
        _isJson = false;
        _wasSentAgain = answer.WasSentAgain;
        Hint = null;
        _isStream = client.Provider.Protocol.IsStream(MediaType);
        // Even with the wire's own media type a web page may arrive, from a proxy that only looks at what was requested.
        IsUncertain = true;
        if (!_isStream)
        {
            _isJson = ContentTypeCheck.IsJson(MediaType);
            _isStream = !_isJson;
            if (_isStream && client.Options.Strict)
                throw call.Enrich(ContentTypeCheck.Refuse(answer.Status, MediaType), answer);
        }
        answer.ReleaseContent();
        return CreateDecoder();
    }

    /// <summary>
    /// Returns another decoder if the first bytes show that the current one is wrong; null if it is right, or if there is only white space.
    /// </summary>
    /// <remarks>
    /// Some servers and proxies send a stream with no media type or a wrong one, including that of JSON. A document is a whole answer, an
    /// error or a web page.
    /// </remarks>
    public StreamDecoder? Recognize(ReadOnlySpan<byte> bytes)
    {
        if (StreamRecognition.IsBlank(bytes) || StreamRecognition.IsStream(client.Provider.Protocol, MediaType, bytes) is not { } isStream)
        {
            _mark.Record(bytes);
            return null;
        }
        IsUncertain = false;
        if (isStream == _isStream)
            return null;
        if (isStream && client.Options.Strict)
        {
            Hint = ContentTypeCheck.Hint(MediaType);
            return null;
        }
        _isStream = isStream;
        return CreateDecoder();
    }

    /// <summary>
    /// Opens the stream again and creates its decoder (<see cref="TakeReopened"/>), or throws the failure if another attempt is not
    /// worthwhile.
    /// </summary>
    /// <param name="failure">What ended the last attempt.</param>
    /// <param name="broken">The answer of that attempt.</param>
    /// <param name="readToken">The token of the read that needs more.</param>
    public async Task<HttpAnswer> ReopenAsync(LlmException failure, HttpAnswer broken, CancellationToken readToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(readToken, _stop.Token);
        try
        {
            while (true)
            {
                LlmException? ended = null;
                try
                {
                    bool? serverSays = ResponseHead.ShouldRetry(broken.Headers);
                    await call.WaitOrThrowAsync(failure, serverSays, broken.BytesRead, stop.Token).ConfigureAwait(false);
                    broken = await call.OpenAsync(stop.Token).ConfigureAwait(false);
                }
                catch (LlmException e) when (IsOfSeveral)
                {
                    ended = e;
                }
                if (ended is not null)
                    broken = await OpenElsewhereAsync(ended, stop.Token).ConfigureAwait(false);
                try
                {
                    _reopened = CreateDecoder(broken);
                    return broken;
                }
                catch (LlmException e)
                {
                    broken.Dispose();
                    failure = call.Enrich(e, broken);
                }
                // Thrown by the caller's own wire.
                catch (Exception e)
                {
                    broken.Dispose();
                    Reported(e);
                    throw;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && stop.IsCancellationRequested)
        {
            readToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(ChatStream));
        }
    }

    /// <summary>Returns the decoder of the answer that was opened again.</summary>
    public StreamDecoder TakeReopened()
    {
        var decoder = _reopened!;
        _reopened = null;
        return decoder;
    }

    /// <summary>Releases the request, because some of the answer was delivered.</summary>
    public void Commit()
    {
        call.Succeeded();
        Dispose();
    }

    /// <summary>Ends an opening that is in progress.</summary>
    public void Stop() => _stop.CancelQuietly();

    /// <summary>Opens the stream at another service.</summary>
    /// <param name="failure">What ended the call of this one.</param>
    /// <param name="stop">Ends the opening.</param>
    protected virtual Task<HttpAnswer> OpenElsewhereAsync(LlmException failure, CancellationToken stop) => throw failure;

    /// <summary>Continues with another call.</summary>
    protected void Take(LlmCall next)
    {
        call.Wire.Dispose();
        call = next;
    }

    // Also called in a filter, before the stack unwinds: no other code knows yet of the call that has failed.
    protected Exception Reported(Exception e)
    {
        if (TelemetrySwitch.IsSupported)
            call.Telemetry?.Failed(e);
        return e;
    }

    private StreamDecoder CreateDecoder()
    {
        var decoder = TakePrepared() ?? client.CreateDecoder(_isStream, call.Wire.RequestsLogProbs);
        if (call.Wire.HasQuirks)
        {
            foreach (var quirk in call.Wire.Quirks)
                decoder.Record(quirk);
        }
        if (_wasSentAgain)
            decoder.Record(WholeAnswer.SentAgain);
        bool isUnexpected = _isStream ? !client.Provider.Protocol.IsStream(MediaType) : !_isJson;
        if (isUnexpected)
            decoder.Record(WholeAnswer.UnexpectedType);
        Hint = isUnexpected && _isStream ? ContentTypeCheck.Hint(MediaType) : null;
        return decoder;
    }

    private StreamDecoder? TakePrepared()
    {
        var prepared = _prepared;
        _prepared = null;
        if (_isStream)
            return prepared;
        prepared?.Dispose();
        return null;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _prepared?.Dispose();
        call.Wire.Dispose();
        _stop.Dispose();
    }
}
