using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RawLlm.Comparisons.Loopback;

/// <summary>
/// A bare socket without an HTTP client: sends the text of a request and reads to the end mark of a chunked body. Reads one stream at a
/// time.
/// </summary>
internal sealed class SocketClient(string server) : LoopbackClient(LoopbackClients.Socket)
{
    private readonly Socket _socket = Connect(new Uri(server));
    private readonly byte[] _buffer = new byte[4096];

    public override async Task ReadAsync(string path, TextSink sink)
    {
        const string Body = """{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}""";
        byte[] request = Encoding.UTF8.GetBytes(
            $"POST {path}/v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"
        );
        await _socket.SendAsync(request).ConfigureAwait(false);
        var tail = new byte[7];
        bool isBody = false;
        while (true)
        {
            int count = await _socket.ReceiveAsync(_buffer).ConfigureAwait(false);
            var bytes = _buffer.AsSpan(0, count);
            // The head arrives first, alone or followed by the first chunk.
            if (!isBody)
            {
                int end = bytes.IndexOf("\r\n\r\n"u8);
                isBody = end >= 0;
                bytes = isBody ? bytes[(end + 4)..] : [];
            }
            if (bytes.Length > 0)
                sink.Raw(bytes);
            if (EndsBody(tail, bytes) || count == 0)
                return;
        }
    }

    public override void Dispose() => _socket.Dispose();

    private static bool EndsBody(byte[] tail, ReadOnlySpan<byte> bytes)
    {
        int kept = Math.Max(0, tail.Length - bytes.Length);
        tail.AsSpan(tail.Length - kept).CopyTo(tail);
        bytes[^(tail.Length - kept)..].CopyTo(tail.AsSpan(kept));
        return tail.AsSpan().SequenceEqual("\r\n0\r\n\r\n"u8);
    }

    private static Socket Connect(Uri server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, server.Port);
        return socket;
    }
}
