using RawLlm.Framing;

namespace RawLlm.Transport;

/// <summary>A whole body in a pooled buffer.</summary>
internal sealed class PooledBody : IDisposable
{
    public ByteWindow Window { get; } = new();

    public ReadOnlySpan<byte> Span => Window.Unread;

    public void Dispose() => Window.Dispose();
}
