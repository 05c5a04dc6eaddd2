namespace RawLlm.Tests.Faults;

/// <summary>A scripted HTTP/2 server and its clients, which are disposed before it.</summary>
internal sealed class Http2Wire(params Func<Http2Connection, Task>[] scripts) : IAsyncDisposable
{
    private readonly Http2Server _server = new(scripts);
    private readonly List<IDisposable> _clients = [];

    public ImpatientTime Time { get; } = new();

    /// <inheritdoc cref="Http2Server.Token"/>
    public CancellationToken Token => _server.Token;

    /// <inheritdoc cref="Http2Server.Connections"/>
    public IReadOnlyCollection<Http2Connection> Connections => _server.Connections;

    /// <summary>Changes the client's own handler, if a case requires it.</summary>
    public Action<SocketsHttpHandler>? OnHandler { get; init; }

    /// <summary>Creates a client without timeouts: only the server's frames end its calls.</summary>
    public LlmClient Client(LlmClientOptions? options = null)
    {
        var http = Trust.In(_server.Certificate, OnHandler);
        var client = new LlmClient(
            Trust.Provider(_server.BaseUrl),
            "m",
            (options ?? LlmClientOptions.Default) with
            {
                Time = Time,
                Random = () => 0.5,
            },
            http
        );
        _clients.Add(client);
        _clients.Add(http);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await _server.DisposeAsync();
    }
}
