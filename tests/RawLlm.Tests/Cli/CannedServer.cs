using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Cli;

/// <summary>Answers requests on a loopback socket with the given responses, one after the other, and records the requests.</summary>
/// <remarks>A connection without a request does not block others. If no response is left, a connection is closed without an
/// answer.</remarks>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = Listen();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<string[]> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _requests = [];
    private readonly string[] _responses;
    private readonly Task _accepting;

    public CannedServer(params string[] responses)
    {
        _responses = [.. responses.Select(Whole)];
        _accepting = AcceptAsync();
    }

    /// <summary>Answers with JSON and status 200.</summary>
    public static CannedServer Json(params string[] bodies) =>
        new([.. bodies.Select(body => "HTTP/1.1 200 OK\nContent-Type: application/json\n\n" + body)]);

    public string Url => $"http://{_listener.LocalEndpoint}/v1";

    /// <summary>
    /// The first request, head and body, once all have been answered; fails if they do not arrive, instead of waiting forever.
    /// </summary>
    public Task<string> Request => FirstAsync();

    /// <summary>All requests, once the last has been answered.</summary>
    public Task<string[]> Requests => _asked.Task.WaitAsync(TimeSpan.FromMinutes(2));

    public Provider Provider(string name, string variable) =>
        new(name, new Uri(Url), new ChatCompletionsProtocol(), Credential.BearerFrom(variable)) { DefaultModel = "usual-model" };

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    // The tests' raw string literals contain plain line feeds; an HTTP head needs CRLF.
    private static string Whole(string response)
    {
        int end = response.IndexOf("\n\n", StringComparison.Ordinal);
        return response[..end].ReplaceLineEndings("\r\n") + "\r\nConnection: close\r\n\r\n" + response[(end + 2)..];
    }

    private async Task<string> FirstAsync() => (await Requests)[0];

    // Uses its own loopback address if the machine has several: another test may still connect to a port of the usual one that was freed.
    private static TcpListener Listen()
    {
        for (int last = Random.Shared.Next(2, 250); ; last = 1)
        {
            var listener = new TcpListener(IPAddress.Parse($"127.0.0.{last}"), 0);
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException) when (last != 1)
            {
                listener.Dispose();
            }
        }
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The server was stopped.
        }
        await Task.WhenAll(connections);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                if (await ReadAsync(stream) is not { } request || TakeResponse(request) is not { } response)
                    return;
                await stream.WriteAsync(Encoding.UTF8.GetBytes(response), _stopping.Token);
                // Before the shutdown, which fails if the client has already disconnected.
                lock (_requests)
                {
                    if (_requests.Count == _responses.Length)
                        _asked.TrySetResult([.. _requests]);
                }
                client.Client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // The client disconnected, or the test is over.
            }
        }
    }

    private string? TakeResponse(string request)
    {
        lock (_requests)
        {
            if (_requests.Count == _responses.Length)
                return null;
            _requests.Add(request);
            return _responses[_requests.Count - 1];
        }
    }

    // Null for a connection that was abandoned before it sent a request, as by a client that waited too long for it on a busy machine.
    private async Task<string?> ReadAsync(NetworkStream stream)
    {
        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        while (true)
        {
            var read = await input.ReadAsync(_stopping.Token);
            string request = Encoding.UTF8.GetString(read.Buffer);
            bool isWhole = IsWhole(request, read.Buffer.Length);
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (isWhole)
                return request;
            if (read.IsCompleted)
                return null;
        }
    }

    private static bool IsWhole(string request, long bytes)
    {
        int end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        string? length = request[..end]
            .Split("\r\n")
            .FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            ?.Split(':')[1];
        return bytes >= end + 4 + (length is null ? 0 : int.Parse(length, System.Globalization.CultureInfo.InvariantCulture));
    }
}
