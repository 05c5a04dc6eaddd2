using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// Decodes a stream's body as its bytes arrive, for code that has to know their contents before the stream's own reader does. Not
/// thread-safe.
/// </summary>
internal abstract class BodyObserver(LlmClient client, string? mediaType) : IDisposable
{
    private StreamDecoder? _decoder;
    private PendingByteOrderMark _mark;
    private bool _isDisposed;

    /// <summary>Whether the answer is complete.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Whether the body is a whole answer instead of a stream.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The error in the answer; null if there is none so far.</summary>
    public LlmException? Failure { get; private set; }

    /// <summary>Whether no more bytes are read.</summary>
    public bool IsOver => IsEnded || Failure is not null || _isDisposed;

    /// <summary>The usage that the decoder knows so far.</summary>
    protected Usage? DecodedUsage => _decoder?.Usage;

    /// <summary>Decodes more bytes of the body.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (IsOver)
            return;
        if (_decoder is null)
        {
            if (StreamRecognition.IsStream(client.Provider.Protocol, mediaType, bytes) is not { } isStream)
            {
                _mark.Record(bytes);
                return;
            }
            // As in StreamOpening: a strict client decodes a body labeled as JSON as JSON, and rejects a stream in it.
            if (isStream && client.Options.Strict && ContentTypeCheck.IsJson(mediaType))
                isStream = false;
            IsWhole = !isStream;
            _decoder = client.CreateDecoder(isStream);
            Feed(_decoder, _mark.Bytes);
        }
        Feed(_decoder, bytes);
        Read(_decoder);
    }

    /// <summary>Signals the end of the body.</summary>
    public void Complete()
    {
        if (_decoder is null || IsOver)
            return;
        _decoder.Complete();
        Read(_decoder);
    }

    public void Dispose()
    {
        _isDisposed = true;
        _decoder?.Dispose();
        _decoder = null;
    }

    /// <summary>Handles the next event, which is lent until this method returns.</summary>
    protected abstract void OnEvent(in StreamEvent e);

    private static void Feed(StreamDecoder decoder, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
    }

    private void Read(StreamDecoder decoder)
    {
        try
        {
            while (decoder.TryRead())
                OnEvent(decoder.Current);
            IsEnded = decoder.IsEnded;
            decoder.ReleaseIfIdle();
        }
        catch (LlmException e)
        {
            // The stream's own decoder meets the same error and reports it.
            Failure = e.With(usage: decoder.Usage, body: client.Errors.RetainBody(decoder.FailedFrame));
        }
    }
}
