using System.Threading.Channels;

namespace RawLlm.Tests.Support;

/// <summary>A body whose pieces a test supplies one by one; a read waits until there is one.</summary>
internal sealed class ScriptedStream : ReadOnlyStream
{
    private readonly Channel<Func<byte[]>> _pieces = Channel.CreateUnbounded<Func<byte[]>>();
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _rest = [];

    public bool IsDisposed => _disposed.Task.IsCompleted;

    /// <summary>The number of times the stream was disposed.</summary>
    public int DisposeCount { get; private set; }

    /// <summary>Released when a read waits for a piece.</summary>
    public SemaphoreSlim Waiting { get; } = new(0);

    public ScriptedStream Send(string text) => Send(System.Text.Encoding.UTF8.GetBytes(text));

    public ScriptedStream Send(byte[] bytes)
    {
        _pieces.Writer.TryWrite(() => bytes);
        return this;
    }

    public ScriptedStream Fail(Exception error)
    {
        _pieces.Writer.TryWrite(() => throw error);
        return this;
    }

    public ScriptedStream End()
    {
        _pieces.Writer.TryComplete();
        return this;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.Length == 0)
        {
            if (!_pieces.Reader.TryPeek(out _))
                Waiting.Release();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var ready = _pieces.Reader.WaitToReadAsync(stop.Token).AsTask();
            if (await Task.WhenAny(ready, _disposed.Task) != ready)
            {
                await stop.CancelAsync();
                throw new IOException("The stream was closed while it was read.");
            }
            if (!await ready || !_pieces.Reader.TryRead(out var piece))
                return 0;
            _rest = piece();
        }
        int count = Math.Min(buffer.Length, _rest.Length);
        _rest.AsSpan(0, count).CopyTo(buffer.Span);
        _rest = _rest[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        DisposeCount++;
        _disposed.TrySetResult();
        base.Dispose(disposing);
    }
}
