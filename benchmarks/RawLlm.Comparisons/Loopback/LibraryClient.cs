namespace RawLlm.Comparisons.Loopback;

/// <summary>The library, reading lent events.</summary>
internal sealed class LibraryClient(string server, bool isHttp2) : LoopbackClient(LoopbackClients.RawLlm)
{
    // Users do not meet HTTP/2 without TLS, so it is enabled on the client's own handler here.
    private readonly LlmClientOptions _options = isHttp2
        ? new() { Before = handler => new VersionHandler(handler) }
        : LlmClientOptions.Default;
    private readonly Dictionary<string, LlmClient> _clients = [];

    public override async Task ReadAsync(string path, TextSink sink)
    {
        LlmClient? client;
        lock (_clients)
        {
            if (!_clients.TryGetValue(path, out client))
                _clients[path] = client = new LlmClient(Providers.OpenAICompatible($"{server}{path}/v1/", "k"), "m", _options);
        }
        await using var stream = await client.StreamAsync("hi").ConfigureAwait(false);
        await foreach (var e in stream.ConfigureAwait(false))
        {
            if (e.Kind == StreamEventKind.Text)
                sink.Text(e.Utf8);
        }
    }

    public override void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
    }
}
