using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace RawLlm.Testing;

/// <summary>A connection whose single request a handler answers.</summary>
/// <param name="socket">The connection.</param>
/// <param name="url">The server's address.</param>
/// <param name="handler">The handler that answers.</param>
/// <param name="failed">Receives an exception of the handler or of its response body, unless it only breaks the connection or only appears
/// in the 500 response.</param>
internal sealed class LoopbackConnection(Socket socket, Uri url, HttpMessageInvoker handler, Action<Exception> failed)
{
    private const int BufferSize = 64 << 10;

    public async Task RunAsync(CancellationToken stopping)
    {
        socket.NoDelay = true;
        using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            using var request = await new LoopbackRequestReader(stream, url).ReadAsync(stopping).ConfigureAwait(false);
            if (request is null)
                return;
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var watching = WatchAsync(stream, gone);
            if (await AnswerAsync(stream, request, gone.Token).ConfigureAwait(false))
            {
                socket.Shutdown(SocketShutdown.Send);
                // The client closes after it has read everything; a socket that closes first may discard what it sent.
                await watching.ConfigureAwait(false);
            }
            else
            {
                await gone.CancelAsync().ConfigureAwait(false);
                await watching.ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The client disconnected, or the server was stopped.
        }
        catch (Exception e)
        {
            failed(e);
        }
    }

    // Returns false if the connection must break.
    private async Task<bool> AnswerAsync(NetworkStream stream, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool hasHead = false;
        try
        {
            using var response = await handler.SendAsync(request, cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync(Head(response), cancellationToken).ConfigureAwait(false);
            hasHead = true;
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            byte[] buffer = new byte[BufferSize];
            while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
                await stream.WriteAsync(Chunk(buffer.AsSpan(0, count)), cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
            return true;
        }
        // For example, a failed assertion in a test's handler: it must not be lost because it is thrown on the server's side.
        catch (Exception e) when (!hasHead && e is not (IOException or HttpRequestException or OperationCanceledException))
        {
            // A script without an answer is reported in the response only; it is not an error of the handler.
            if (e is not InvalidOperationException { InnerException: null })
                failed(e);
            byte[] text = Encoding.UTF8.GetBytes(e.Message);
            byte[] head = Encoding.ASCII.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {text.Length}\r\nConnection: close\r\n\r\n"
                )
            );
            await stream.WriteAsync((byte[])[.. head, .. text], cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (HttpIOException)
        {
            // An orderly close in the middle of the body.
            socket.Shutdown(SocketShutdown.Send);
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (e is not (IOException or HttpRequestException or InvalidOperationException))
                failed(e);
            // A socket that is closed without lingering sends a reset.
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
            return false;
        }
    }

    // After its request a client sends nothing more, so the read ends only when it disconnects.
    private static async Task WatchAsync(NetworkStream stream, CancellationTokenSource gone)
    {
        try
        {
            byte[] buffer = new byte[256];
            while (await stream.ReadAsync(buffer, gone.Token).ConfigureAwait(false) > 0) { }
            await gone.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            await gone.CancelAsync().ConfigureAwait(false);
        }
    }

    private static byte[] Head(HttpResponseMessage response)
    {
        var head = new StringBuilder().Append(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {(int)response.StatusCode} {response.StatusCode}\r\n"
        );
        Append(response.Headers.NonValidated, head);
        Append(response.Content.Headers.NonValidated, head);
        return Encoding.Latin1.GetBytes(head.Append("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n").ToString());
    }

    private static void Append(HttpHeadersNonValidated headers, StringBuilder head)
    {
        foreach (var (name, values) in headers)
        {
            if (name is "Content-Length" or "Transfer-Encoding" or "Connection")
                continue;
            foreach (string value in values)
                head.Append(name).Append(": ").Append(value).Append("\r\n");
        }
    }

    private static byte[] Chunk(ReadOnlySpan<byte> bytes) =>
        [.. Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. bytes, .. "\r\n"u8];
}
