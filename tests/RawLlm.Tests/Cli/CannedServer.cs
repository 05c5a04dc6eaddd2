using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Cli;

/// <summary>Answers one request on a loopback socket with the bytes it was given, and keeps what it was asked.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _response;
    private readonly Task<string> _serving;

    public CannedServer(string response)
    {
        // Raw string literals of the tests hold plain line feeds; a head of HTTP does not.
        int end = response.IndexOf("\n\n", StringComparison.Ordinal);
        _response = response[..end].ReplaceLineEndings("\r\n") + "\r\nConnection: close\r\n\r\n" + response[(end + 2)..];
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

    /// <summary>The whole request, head and body, once it was answered; fails, in place of waiting forever, when none came.</summary>
    public Task<string> Request => _serving.WaitAsync(TimeSpan.FromSeconds(10));

    public Provider Provider(string name, string variable) =>
        new(name, new Uri(Url), new ChatCompletionsProtocol(), Credential.BearerFrom(variable)) { DefaultModel = "usual-model" };

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
    }

    private async Task<string> ServeAsync()
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
            if (read.IsCompleted || IsWhole(request, read.Buffer.Length))
                break;
        }
        await stream.WriteAsync(Encoding.UTF8.GetBytes(_response), _stopping.Token);
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
