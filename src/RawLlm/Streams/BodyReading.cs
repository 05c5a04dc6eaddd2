using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Reads along with the body of a stream, for whoever has to know what is in its bytes before the stream's own reader looks at them. Not thread-safe.</summary>
internal abstract class BodyReading(LlmClient client, string? mediaType) : IDisposable
{
    private StreamDecoder? _decoder;
    private HeldMark _mark;
    private bool _isDisposed;

    /// <summary>True once the answer is whole.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>True where a whole answer comes in place of a stream.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>What is wrong with it; null while nothing is.</summary>
    public LlmException? Failure { get; private set; }

    /// <summary>True once nothing more is read.</summary>
    public bool IsOver => IsEnded || Failure is not null || _isDisposed;

    /// <summary>What the decoder knows to be used.</summary>
    protected Usage? DecodedUsage => _decoder?.Usage;

    /// <summary>More bytes of the body.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (IsOver)
            return;
        if (_decoder is null)
        {
            if (StreamRecognition.IsStream(client.Provider.Protocol, mediaType, bytes) is not { } isStream)
            {
                _mark.Note(bytes);
                return;
            }
            // As the opening decodes it: a strict client reads what comes as JSON as such, and refuses the stream in it.
            if (isStream && client.Options.Strict && ContentTypeCheck.IsJson(mediaType))
                isStream = false;
            IsWhole = !isStream;
            _decoder = client.CreateDecoder(isStream);
            Feed(_decoder, _mark.Bytes);
        }
        Feed(_decoder, bytes);
        Read(_decoder);
    }

    /// <summary>No more bytes will come.</summary>
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

    /// <summary>The next event, lent until this returns.</summary>
    protected abstract void See(in StreamEvent e);

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
                See(decoder.Current);
            IsEnded = decoder.IsEnded;
            decoder.ReleaseIfIdle();
        }
        catch (LlmException e)
        {
            // Who handed the answer on would come to it as well, and tell the same.
            Failure = e.With(usage: decoder.Usage, body: client.Errors.Keep(decoder.FailedFrame));
        }
    }
}
