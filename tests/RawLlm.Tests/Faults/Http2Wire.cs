namespace RawLlm.Tests.Faults;

/// <summary>A scripted server of HTTP/2 and the clients that speak to it, which go before it when it is disposed.</summary>
internal sealed class Http2Wire(params Func<Http2Connection, Task>[] scripts) : IAsyncDisposable
{
    private readonly Http2Server _server = new(scripts);
    private readonly List<IDisposable> _clients = [];

    public ImpatientTime Time { get; } = new();

    /// <inheritdoc cref="Http2Server.Token"/>
    public CancellationToken Token => _server.Token;

    /// <inheritdoc cref="Http2Server.Connections"/>
    public IReadOnlyCollection<Http2Connection> Connections => _server.Connections;

    /// <summary>Changes the client's own handler where a case needs that.</summary>
    public Action<SocketsHttpHandler>? OnHandler { get; init; }

    /// <summary>A client that nobody's clock holds up: what ends its calls is the server's frames alone.</summary>
    public LlmClient Client(LlmClientOptions? options = null)
    {
        var http = Trust.In(_server.Certificate, OnHandler);
        var client = new LlmClient(Trust.Provider(_server.BaseUrl), "m", (options ?? LlmClientOptions.Default) with { Time = Time, Random = () => 0.5 }, http);
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
