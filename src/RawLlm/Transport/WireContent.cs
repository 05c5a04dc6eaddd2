using System.Net;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>
/// The pooled body of a <see cref="WireRequest"/>, or no body, as HTTP content of known length; may be sent again for another attempt.
/// </summary>
internal sealed class WireContent : HttpContent
{
    private readonly WireRequest _wire;
    private int _sending;

    public WireContent(WireRequest wire)
    {
        _wire = wire;
        if (wire.ContentType is { } type)
            Headers.TryAddWithoutValidation("Content-Type", type);
    }

    /// <summary>How often it was written: more than once is due to a lower layer.</summary>
    public int Writes { get; private set; }

    /// <summary>Whether it is being written: over HTTP/2 an answer may arrive before its request is sent completely.</summary>
    public bool IsSending => Volatile.Read(ref _sending) > 0;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Writes++;
        if (!_wire.TryHold())
            return Task.CompletedTask;
        Interlocked.Increment(ref _sending);
        ValueTask writing;
        try
        {
            writing = stream.WriteAsync(_wire.Body, cancellationToken);
        }
        catch (Exception e)
        {
            writing = ValueTask.FromException(e);
        }
        if (!writing.IsCompletedSuccessfully)
            return WaitAsync(writing);
        writing.GetAwaiter().GetResult();
        Release();
        return Task.CompletedTask;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _wire.Body.Length;
        return true;
    }

    private async Task WaitAsync(ValueTask writing)
    {
        try
        {
            await writing.ConfigureAwait(false);
        }
        catch (IOException)
        {
            // A server that refuses early (413, 401) stops reading, but its refusal can still be read. If there is none, the read fails.
        }
        finally
        {
            Release();
        }
    }

    private void Release()
    {
        Interlocked.Decrement(ref _sending);
        _wire.Release();
    }
}
