using System.CommandLine;

namespace RawLlm.Comparisons.Loopback;

/// <summary><c>hold</c>: opens many streams with one client in its own process, and prints their memory while all of them wait.</summary>
internal sealed class HoldCommand : Command
{
    /// <summary>The number of chunks before the streams wait.</summary>
    public const int Chunks = 30;

    private readonly Argument<string> _client = new("client");
    private readonly Argument<string> _server = new("server");
    private readonly Argument<int> _count = new("count");
    private readonly Option<bool> _http2 = new("--http2");

    public HoldCommand()
        : base("hold", "Many streams of one client.")
    {
        Hidden = true;
        Arguments.Add(_client);
        Arguments.Add(_server);
        Arguments.Add(_count);
        Options.Add(_http2);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string server = parsed.GetValue(_server)!;
        int count = parsed.GetValue(_count);
        using var client = LoopbackClients.Create(parsed.GetValue(_client)!, server, parsed.GetValue(_http2));
        for (int i = 0; i < 100; i++)
            await client.ReadAsync($"/run/{Chunks}/0", new LengthSink());
        await Task.Delay(300, cancellationToken);
        var before = Footprint.Measure();
        var sink = new ChunkSink((long)count * Chunks);
        var streams = new Task[count];
        for (int i = 0; i < count; i++)
        {
            streams[i] = client.ReadAsync($"/held/{Chunks}/30000", sink);
            // No more new connections at a time than fit into the server's queue.
            if (i % 20 == 19)
                await Task.Delay(10, cancellationToken);
        }
        await Task.WhenAny(sink.All, Task.WhenAll(streams)).WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
        await Task.Delay(500, cancellationToken);
        Console.WriteLine(Footprint.Measure() - before);
        using var http = new HttpClient(LoopbackClients.CreateHandler(parsed.GetValue(_http2)));
        (await http.PostAsync($"{server}/release", null, cancellationToken)).Dispose();
        await Task.WhenAll(streams);
        return 0;
    }
}
