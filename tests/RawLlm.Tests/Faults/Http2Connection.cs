using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;

namespace RawLlm.Tests.Faults;

/// <summary>
/// The server's side of one HTTP/2 connection, frame by frame. It answers settings and pings itself; the test controls the rest.
/// </summary>
internal sealed class Http2Connection(Stream stream, CancellationToken cancellationToken)
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Channel<int> _requests = Channel.CreateUnbounded<int>();
    private readonly Channel<int> _heads = Channel.CreateUnbounded<int>();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<uint>> _resets = [];
    private readonly ConcurrentDictionary<int, MemoryStream> _bodies = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the client has closed the connection.</summary>
    public Task Closed => _closed.Task.WaitAsync(cancellationToken);

    /// <summary>The number of requests that began, whole or not.</summary>
    public int Begun { get; private set; }

    /// <summary>Reads the client's preface and sets the number of concurrent streams.</summary>
    public async Task StartAsync(int streams)
    {
        byte[] preface = new byte[24];
        await stream.ReadExactlyAsync(preface, cancellationToken);
        Assert.Equal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Encoding.ASCII.GetString(preface));
        byte[] settings = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(settings, 0x3);
        BinaryPrimitives.WriteInt32BigEndian(settings.AsSpan(2), streams);
        await FrameAsync(Http2FrameType.Settings, 0, 0, settings);
    }

    /// <summary>Reads frames until the client disconnects.</summary>
    public async Task ReadAsync()
    {
        try
        {
            while (await ReadFrameAsync() is { } frame)
                await TakeAsync(frame);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client disconnected in the middle of a frame.
        }
        finally
        {
            _requests.Writer.TryComplete();
            _closed.TrySetResult();
        }
    }

    /// <summary>Returns the stream of the next whole request.</summary>
    public ValueTask<int> RequestAsync() => _requests.Reader.ReadAsync(cancellationToken);

    /// <summary>Returns the stream of the next request that begins, whole or not.</summary>
    public ValueTask<int> HeadAsync() => _heads.Reader.ReadAsync(cancellationToken);

    /// <summary>Lets the client send the given number of further body bytes.</summary>
    public async Task AllowAsync(int id, uint bytes)
    {
        await FrameAsync(Http2FrameType.WindowUpdate, 0, 0, Number(bytes));
        await FrameAsync(Http2FrameType.WindowUpdate, 0, id, Number(bytes));
    }

    /// <summary>Returns the streams of the next whole requests.</summary>
    public async Task<int[]> RequestsAsync(int count)
    {
        int[] streams = new int[count];
        for (int i = 0; i < count; i++)
            streams[i] = await RequestAsync();
        return streams;
    }

    /// <summary>The body of a request that arrived whole.</summary>
    public string Body(int id) => Encoding.UTF8.GetString(_bodies[id].ToArray());

    /// <summary>Returns the code with which the client reset a stream.</summary>
    public Task<uint> ResetByClientAsync(int id) => ResetOf(id).Task.WaitAsync(cancellationToken);

    /// <summary>The number of streams that the client has reset.</summary>
    public int ResetsByClient => _resets.Values.Count(reset => reset.Task.IsCompleted);

    public Task HeadersAsync(int id, int status = 200, string type = "text/event-stream", bool ends = false)
    {
        var block = new MemoryStream();
        // Literals without indexing (RFC 7541, section 6.2.2): the status by its index in the static table, the type by its name.
        block.Write([0x08, 0x03]);
        block.Write(Encoding.ASCII.GetBytes(status.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        block.WriteByte(0x00);
        foreach (string text in (string[])["content-type", type])
        {
            block.WriteByte((byte)text.Length);
            block.Write(Encoding.ASCII.GetBytes(text));
        }
        return FrameAsync(Http2FrameType.Headers, (byte)(Http2Frame.EndHeaders | (ends ? Http2Frame.EndStream : 0)), id, block.ToArray());
    }

    public Task DataAsync(int id, string text, bool ends = false) =>
        FrameAsync(Http2FrameType.Data, ends ? Http2Frame.EndStream : (byte)0, id, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a whole streamed answer.</summary>
    public async Task AnswerAsync(int id)
    {
        await HeadersAsync(id);
        await DataAsync(id, Answers.All, ends: true);
    }

    public Task ResetAsync(int id, uint code) => FrameAsync(Http2FrameType.Reset, 0, id, Number(code));

    public Task GoAwayAsync(int lastStream, uint code) =>
        FrameAsync(Http2FrameType.GoAway, 0, 0, [.. Number((uint)lastStream), .. Number(code)]);

    public async Task FrameAsync(Http2FrameType type, byte flags, int id, byte[] payload)
    {
        byte[] frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = (byte)type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await SendAsync(frame);
    }

    /// <summary>Sends bytes that need not be a frame.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(bytes, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private TaskCompletionSource<uint> ResetOf(int id) =>
        _resets.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task TakeAsync(Http2Frame frame)
    {
        switch (frame.Type)
        {
            case Http2FrameType.Settings when (frame.Flags & Http2Frame.Ack) == 0:
                await FrameAsync(Http2FrameType.Settings, Http2Frame.Ack, 0, []);
                break;
            case Http2FrameType.Ping when (frame.Flags & Http2Frame.Ack) == 0:
                await FrameAsync(Http2FrameType.Ping, Http2Frame.Ack, 0, frame.Payload);
                break;
            case Http2FrameType.Headers:
                Begun++;
                _bodies[frame.Stream] = new MemoryStream();
                _heads.Writer.TryWrite(frame.Stream);
                break;
            case Http2FrameType.Data:
                _bodies[frame.Stream].Write(frame.Payload);
                break;
            case Http2FrameType.Reset:
                ResetOf(frame.Stream).TrySetResult(BinaryPrimitives.ReadUInt32BigEndian(frame.Payload));
                break;
        }
        if (frame.EndsStream)
            _requests.Writer.TryWrite(frame.Stream);
    }

    private async Task<Http2Frame?> ReadFrameAsync()
    {
        byte[] head = new byte[9];
        if (await stream.ReadAtLeastAsync(head, 9, throwOnEndOfStream: false, cancellationToken) < 9)
            return null;
        byte[] payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
        await stream.ReadExactlyAsync(payload, cancellationToken);
        return new((Http2FrameType)head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue, payload);
    }

    private static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
