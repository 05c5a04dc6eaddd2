using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Cli;

/// <summary>Answers requests on a loopback socket with the bytes it was given, one after the other, and keeps what it was asked.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task<string[]> _serving;

    public CannedServer(params string[] responses)
    {
        _listener.Start();
        _serving = ServeAsync([.. responses.Select(Whole)]);
    }

    /// <summary>Answers with JSON and status 200.</summary>
    public static CannedServer Json(params string[] bodies) => new([.. bodies.Select(body => "HTTP/1.1 200 OK\nContent-Type: application/json\n\n" + body)]);

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

    /// <summary>The whole request, head and body, once it was answered; fails, in place of waiting forever, when none came.</summary>
    public Task<string> Request => FirstAsync();

    /// <summary>All requests, once the last was answered.</summary>
    public Task<string[]> Requests => _serving.WaitAsync(TimeSpan.FromSeconds(10));

    public Provider Provider(string name, string variable) =>
        new(name, new Uri(Url), new ChatCompletionsProtocol(), Credential.BearerFrom(variable)) { DefaultModel = "usual-model" };

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
    }

    // Raw string literals of the tests hold plain line feeds; a head of HTTP does not.
    private static string Whole(string response)
    {
        int end = response.IndexOf("\n\n", StringComparison.Ordinal);
        return response[..end].ReplaceLineEndings("\r\n") + "\r\nConnection: close\r\n\r\n" + response[(end + 2)..];
    }

    private async Task<string> FirstAsync() => (await Requests)[0];

    private async Task<string[]> ServeAsync(string[] responses)
    {
        var requests = new List<string>();
        foreach (string response in responses)
            requests.Add(await ServeAsync(response));
        return [.. requests];
    }

    private async Task<string> ServeAsync(string response)
    {
        while (true)
        {
            if (await TryServeAsync(response) is { } request)
                return request;
        }
    }

    // Null for a connection that was given up before it asked, as a client does that waited too long for it on a busy machine.
    private async Task<string?> TryServeAsync(string response)
    {
        using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
        var stream = client.GetStream();
        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        string request;
        while (true)
        {
            var read = await input.ReadAsync(_stopping.Token);
            request = Encoding.UTF8.GetString(read.Buffer);
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (IsWhole(request, read.Buffer.Length))
                break;
            if (read.IsCompleted)
                return null;
        }
        await stream.WriteAsync(Encoding.UTF8.GetBytes(response), _stopping.Token);
        client.Client.Shutdown(SocketShutdown.Send);
        return request;
    }

    private static bool IsWhole(string request, long bytes)
    {
        int end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        string? length = request[..end].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1];
        return bytes >= end + 4 + (length is null ? 0 : int.Parse(length, System.Globalization.CultureInfo.InvariantCulture));
    }
}
