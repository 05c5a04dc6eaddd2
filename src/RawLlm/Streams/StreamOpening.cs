using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Opens the same stream again while nothing of its answer was handed on; holds the request until then.</summary>
internal sealed class StreamOpening(LlmClient client, LlmCall call, CancellationToken cancellationToken, FallbackCall? chain) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private StreamDecoder? _prepared;
    private HeldMark _mark;
    private bool _isStream;
    private bool _isJson;
    private bool _wasSentAgain;
    private int _isDisposed;

    /// <summary>True while no byte has told yet what comes.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>The media type of the answer that was opened last, which its head may have let go of; null where the server named none.</summary>
    public string? MediaType { get; private set; }

    /// <summary>What came before the bytes that told what it is, and means something to a decoder.</summary>
    public ReadOnlySpan<byte> Mark => _mark.Bytes;

    /// <summary>What an error of the decoder is to say of the media type; null where that is the wire's own.</summary>
    public string? Hint { get; private set; }

    /// <summary>The attempts before the one whose answer is read; null when there was none.</summary>
    public EarlierAttempts? Earlier => call.Earlier;

    /// <summary>The same for what ends this attempt; null in a call of several services, which lists them all itself.</summary>
    public EarlierAttempts? EarlierOfOneService => chain is null ? call.Earlier : null;

    /// <summary>Where a call of several services notes that the one that answers wants to be left alone; null in one of one service.</summary>
    public EndpointHealth? Health => chain?.Health;

    /// <summary>Keys among the headers of the request; null where there is none.</summary>
    public List<string>? Secrets => call.Secrets;

    /// <summary>Whom the stream was opened with last.</summary>
    public LlmClient Client => client;

    /// <summary>Whoever listens to the call that was made last; null as a rule.</summary>
    public CallTelemetry? Telemetry => call.Telemetry;

    /// <summary>Which model of it.</summary>
    public string Model => call.Model;

    /// <summary>True in a call of several services.</summary>
    public bool IsOfSeveral => chain is not null;

    /// <summary>Makes the decoder that is likely wanted, while the request is on its way.</summary>
    public void Prepare()
    {
        try
        {
            _prepared = client.CreateDecoder(isStream: true, call.Wire.AsksLogProbs);
        }
        catch (Exception)
        {
            // A wire of somebody's own: it is told where the decoder is wanted.
        }
    }

    /// <summary>A decoder for what a response holds, as far as its media type tells.</summary>
    /// <exception cref="LlmException">The media type is missing or not the wire's own, and decoding is strict.</exception>
    public StreamDecoder CreateDecoder(HttpAnswer answer)
    {
        MediaType = answer.MediaType;
        _mark = default;
        _isJson = false;
        _wasSentAgain = answer.WasSentAgain;
        Hint = null;
        _isStream = client.Provider.Protocol.IsStream(MediaType);
        // Also under the wire's own media type a page may come, of a proxy that only looks at what was asked for.
        IsUncertain = true;
        if (!_isStream)
        {
            _isJson = ContentTypeCheck.IsJson(MediaType);
            _isStream = !_isJson;
            if (_isStream && client.Options.Strict)
                throw call.Enrich(ContentTypeCheck.Refuse(answer.Status, MediaType), answer);
        }
        answer.LetGoOfContent();
        return CreateDecoder();
    }

    /// <summary>Another decoder where the first bytes tell that the one in use is not right; null where it is, or where there is but white space.</summary>
    /// <remarks>
    /// Some servers and proxies send a stream under no media type or a wrong one, that of JSON among them. A document is a whole answer, an error or a web page.
    /// </remarks>
    public StreamDecoder? Recognize(ReadOnlySpan<byte> bytes)
    {
        if (StreamRecognition.IsBlank(bytes) || StreamRecognition.IsStream(client.Provider.Protocol, MediaType, bytes) is not { } isStream)
        {
            _mark.Note(bytes);
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

    /// <summary>Opens the stream again and makes its decoder, or throws the failure when that is not worth while.</summary>
    /// <param name="failure">What ended the last attempt.</param>
    /// <param name="broken">The answer that it ended.</param>
    /// <param name="readToken">The token of the read that wants more.</param>
    public async Task<(HttpAnswer Answer, StreamDecoder Decoder)> ReopenAsync(LlmException failure, HttpAnswer broken, CancellationToken readToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(readToken, _stop.Token);
        try
        {
            while (true)
            {
                broken = await OpenNextAsync(failure, broken, stop.Token).ConfigureAwait(false);
                try
                {
                    return (broken, CreateDecoder(broken));
                }
                catch (LlmException e)
                {
                    broken.Dispose();
                    failure = call.Enrich(e, broken);
                }
                // A wire of the caller's own.
                catch (Exception e)
                {
                    broken.Dispose();
                    Told(e);
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

    /// <summary>Something of the answer was handed on: the request is needed no more.</summary>
    public void Commit()
    {
        call.Succeeded();
        Dispose();
    }

    /// <summary>Ends an opening that is under way.</summary>
    public void Stop() => _stop.CancelQuietly();

    private async Task<HttpAnswer> OpenNextAsync(LlmException failure, HttpAnswer broken, CancellationToken stop)
    {
        try
        {
            await call.WaitOrThrowAsync(failure, ResponseHead.ShouldRetry(broken.Headers), broken.BytesRead, stop).ConfigureAwait(false);
            return await call.OpenAsync(stop).ConfigureAwait(false);
        }
        catch (LlmException e) when (chain is not null)
        {
            return await OpenElsewhereAsync(Told(e), stop).ConfigureAwait(false);
        }
    }

    private async Task<HttpAnswer> OpenElsewhereAsync(Exception failure, CancellationToken stop)
    {
        while (true)
        {
            chain!.MoveOn(failure, isStream: true);
            client = chain.Client;
            var asked = chain.Ask();
            try
            {
                var before = call;
                call = client.Chat.BeginStream(asked, chain, cancellationToken);
                before.Wire.Dispose();
                return await call.OpenAsync(stop).ConfigureAwait(false);
            }
            catch (Exception e) when (chain.IsFailure(Told(e)))
            {
                failure = e;
            }
        }
    }

    // In a filter, before the stack is left: nobody else knows yet of the call that has failed.
    private Exception Told(Exception e)
    {
        if (TelemetrySwitch.IsSupported)
            call.Telemetry?.Failed(e);
        return e;
    }

    private StreamDecoder CreateDecoder()
    {
        var decoder = TakePrepared() ?? client.CreateDecoder(_isStream, call.Wire.AsksLogProbs);
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
