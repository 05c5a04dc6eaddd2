using System.Net.Sockets;
using System.Text;

namespace RawLlm.Tests.Faults;

/// <summary>A connection in memory that follows its script; the platform's own handler reads and writes it.</summary>
internal sealed class ScriptedConnection(FaultWire wire, Script script) : Stream
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _received = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _act;
    private int _sent;
    private int _requestStart;

    /// <summary>The requests that arrived whole, as text.</summary>
    public List<string> Requests { get; } = [];

    public bool IsClosed => _closed.Task.IsCompleted;

    public Task Closed => _closed.Task;

    /// <summary>The number of bytes that the client has read.</summary>
    public long Taken { get; private set; }

    public long Received
    {
        get
        {
            lock (_lock)
                return _received.Length;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        wire.Touch();
        if (buffer.IsEmpty)
        {
            // This is how the platform checks whether there is something to read.
            while (_act < script.Acts.Length && script.Acts[_act] is not (Act.Send or Act.SendForever or Act.Fin or Act.Rst))
                await StepAsync(cancellationToken);
            if (_act == script.Acts.Length)
                await WaitForeverAsync(cancellationToken);
            return 0;
        }
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowIfClosed();
            if (_act == script.Acts.Length)
                await WaitForeverAsync(cancellationToken);
            switch (script.Acts[_act])
            {
                case Act.Send send:
                    int count = Math.Min(buffer.Length, send.Bytes.Length - _sent);
                    send.Bytes.AsSpan(_sent, count).CopyTo(buffer.Span);
                    _sent += count;
                    Taken += count;
                    if (_sent == send.Bytes.Length)
                        Next();
                    if (count > 0)
                        return count;
                    break;
                case Act.SendForever forever:
                    int length = 0;
                    while (length < buffer.Length)
                    {
                        int part = Math.Min(buffer.Length - length, forever.Bytes.Length - _sent);
                        forever.Bytes.AsSpan(_sent, part).CopyTo(buffer.Span[length..]);
                        length += part;
                        _sent = (_sent + part) % forever.Bytes.Length;
                    }
                    Taken += length;
                    await Task.Yield();
                    return length;
                case Act.Fin:
                    return 0;
                case Act.Rst:
                    throw new IOException("reset", new SocketException((int)SocketError.ConnectionReset));
                default:
                    await StepAsync(cancellationToken);
                    break;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        wire.Touch();
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfClosed();
        // A server that reads only the head does not read on: the client's next write fails.
        if (script.Acts.Any(act => act is Act.RequestHead) && HasHead())
            throw new IOException("pipe", new SocketException((int)SocketError.ConnectionReset));
        lock (_lock)
            _received.Write(buffer.Span);
        Interlocked.Exchange(ref _arrived, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        await Task.CompletedTask;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush() { }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closed.TrySetResult();
        _arrived.TrySetResult();
    }

    private async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        switch (script.Acts[_act])
        {
            case Act.Request:
                while (!TakeRequest())
                    await ArrivalAsync(cancellationToken);
                Next();
                break;
            case Act.RequestHead:
                while (!HasHead())
                    await ArrivalAsync(cancellationToken);
                Next();
                break;
            case Act.Pass pass:
                Next();
                // The clock applies only to a read that does not complete at once.
                await Task.Yield();
                wire.Time.Advance(pass.By);
                // What the clock triggered may still arrive from another thread.
                await Task.Yield();
                break;
            case Act.PassForever:
                while (!IsClosed && !cancellationToken.IsCancellationRequested && !wire.Token.IsCancellationRequested)
                {
                    await Task.Yield();
                    wire.Time.Advance(TimeSpan.FromSeconds(1));
                }
                cancellationToken.ThrowIfCancellationRequested();
                ThrowIfClosed();
                break;
            case Act.Do(var action):
                Next();
                await Task.Yield();
                action();
                await Task.Yield();
                break;
            case Act.Wait(var until):
                await until.WaitAsync(cancellationToken);
                Next();
                break;
            case Act.Stall:
                await WaitForeverAsync(cancellationToken);
                break;
        }
    }

    private void Next()
    {
        _act++;
        _sent = 0;
    }

    private async Task WaitForeverAsync(CancellationToken cancellationToken)
    {
        await _closed.Task.WaitAsync(cancellationToken);
        ThrowIfClosed();
    }

    private async Task ArrivalAsync(CancellationToken cancellationToken)
    {
        var arrived = Volatile.Read(ref _arrived);
        if (TakeRequest(isTrial: true))
            return;
        await arrived.Task.WaitAsync(cancellationToken);
        ThrowIfClosed();
    }

    private bool HasHead()
    {
        lock (_lock)
            return Text().IndexOf("\r\n\r\n", _requestStart, StringComparison.Ordinal) >= 0;
    }

    private bool TakeRequest(bool isTrial = false)
    {
        lock (_lock)
        {
            string text = Text();
            int head = text.IndexOf("\r\n\r\n", _requestStart, StringComparison.Ordinal);
            if (head < 0)
                return false;
            int at = text.IndexOf("Content-Length: ", _requestStart, head - _requestStart, StringComparison.OrdinalIgnoreCase);
            int length = at < 0 ? 0 : int.Parse(text[(at + 16)..text.IndexOf('\r', at)], System.Globalization.CultureInfo.InvariantCulture);
            int end = head + 4 + length;
            if (text.Length < end)
                return false;
            if (!isTrial)
            {
                Requests.Add(text[_requestStart..end]);
                wire.Requests.Add(text[_requestStart..end]);
                _requestStart = end;
            }
            return true;
        }
    }

    private string Text() => Encoding.Latin1.GetString(_received.GetBuffer(), 0, (int)_received.Length);

    private void ThrowIfClosed()
    {
        if (IsClosed)
            throw new IOException("The connection was closed by this side.");
    }
}
