using System.Runtime.CompilerServices;
using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>The body of a stream that may go on elsewhere: what it holds is noted while it is read.</summary>
/// <remarks>
/// A second decoder reads the same bytes, so that the stream's own does nothing for it. A stream asks for more only once all events before were handed on: whenever it
/// breaks, what was noted is what was handed on.
/// </remarks>
internal sealed class FollowedBody(Stream body, LlmClient client, GivenAnswer given) : WrappedBody(body)
{
    private readonly Lock _lock = new();
    private StreamDecoder? _decoder;
    private bool _isOver;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        // A read of no bytes only waits for some.
        if (buffer.Length > 0)
            Look(buffer.Span[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
            End();
        base.Dispose(disposing);
    }

    // A body is disposed beside a read where that heeds no token.
    private void Look(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            if (_decoder is null)
            {
                // The media type was let go of; the bytes tell as well.
                if (StreamRecognition.IsStream(client.Provider.Protocol, mediaType: null, bytes) is not { } isStream)
                    return;
                _decoder = client.CreateDecoder(isStream);
            }
            if (bytes.IsEmpty)
                _decoder.Complete();
            else
                Feed(_decoder, bytes);
            Read(_decoder);
        }
    }

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
            {
                var e = decoder.Current;
                given.Note(e.Kind, e.Choice, e.Index, e.Utf8);
            }
            if (decoder.IsEnded)
                End();
            else
                decoder.ReleaseIfIdle();
        }
        catch (LlmException)
        {
            // The stream's own reader comes to it as well.
            End();
        }
    }

    private void End()
    {
        _isOver = true;
        _decoder?.Dispose();
        _decoder = null;
    }
}
