using System.Net;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>The pooled body of a <see cref="WireRequest"/> as HTTP content of known length; may be sent again for another attempt.</summary>
internal sealed class WireContent : HttpContent
{
    private readonly WireRequest _wire;

    public WireContent(WireRequest wire)
    {
        _wire = wire;
        Headers.TryAddWithoutValidation("Content-Type", wire.ContentType);
    }

    /// <summary>How often it was written: more than once is the work of something below.</summary>
    public int Writes { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Writes++;
        if (!_wire.TryHold())
            return;
        try
        {
            await stream.WriteAsync(_wire.Body, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // A server that refuses early (413, 401) stops listening, and its refusal can still be read. Where there is none, the read fails.
        }
        finally
        {
            _wire.LetGo();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _wire.Body.Length;
        return true;
    }
}
