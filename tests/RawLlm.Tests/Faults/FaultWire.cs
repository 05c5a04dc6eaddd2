using System.Collections.Concurrent;
using System.Net.Sockets;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Faults;

/// <summary>
/// A network in memory: the client's own handler connects to it, and each connection follows the next script. When disposed, it checks
/// that every script was used, that no unexpected connection was made, and that all connections are closed.
/// </summary>
internal sealed class FaultWire : IDisposable
{
    private static readonly TimeSpan LongestClosing = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<Script> _scripts;
    private readonly ConcurrentBag<ScriptedConnection> _connections = [];
    private readonly List<IDisposable> _clients = [];
    private readonly ConcurrentQueue<string> _problems = [];
    private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromMinutes(4));
    private int _operations;

    public FaultWire(params Script[] scripts) => _scripts = new(scripts);

    public ImpatientTime Time { get; } = new();

    /// <summary>All requests that arrived whole, in order.</summary>
    public ConcurrentBagList Requests { get; } = new();

    public IReadOnlyCollection<ScriptedConnection> Connections => _connections;

    /// <summary>Ends a test that hangs.</summary>
    public CancellationToken Token => _watchdog.Token;

    /// <summary>Gives a large test more than the usual four minutes.</summary>
    public void AllowMinutes(int minutes) => _watchdog.CancelAfter(TimeSpan.FromMinutes(minutes));

    /// <summary>Adds scripts for further connections.</summary>
    public void Expect(params Script[] scripts)
    {
        foreach (var script in scripts)
            _scripts.Enqueue(script);
    }

    /// <summary>Called before each operation on a connection, with its number.</summary>
    public Action<int>? OnOperation { get; set; }

    public int Operations => _operations;

    /// <summary>Whether scripts may remain unused: whether they are needed depends on the failure under test.</summary>
    public bool AllowsUnused { get; set; }

    /// <summary>Changes the client's own handler, if a case requires it.</summary>
    public Action<SocketsHttpHandler>? OnHandler { get; set; }

    public LlmClient Client(LlmClientOptions? options = null, Provider? provider = null, string model = "m")
    {
        var before = options?.Before;
        options = (options ?? LlmClientOptions.Default) with
        {
            Time = Time,
            Random = () => 0.5,
            Before = own =>
            {
                var handler = Connect((SocketsHttpHandler)own);
                return before?.Invoke(handler) ?? handler;
            },
        };
        var client = new LlmClient(provider ?? Compatible(), model, options);
        _clients.Add(client);
        return client;
    }

    /// <summary>A chat completions server with a key.</summary>
    public static Provider Compatible() =>
        Providers.OpenAICompatible(new Uri("http://127.0.0.1:9/v1/")) with
        {
            Credential = Credential.Bearer("test-key-0123456789"),
        };

    public void Touch() => OnOperation?.Invoke(Interlocked.Increment(ref _operations));

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
        _watchdog.Dispose();
        if (!_scripts.IsEmpty && !AllowsUnused)
            _problems.Enqueue($"{_scripts.Count} connections were expected and did not come.");
        foreach (var connection in _connections)
        {
            // The platform may only now have finished a connection that is no longer needed.
            if (!connection.Closed.Wait(LongestClosing))
                _problems.Enqueue("A connection was left open.");
        }
        Assert.Empty(_problems);
    }

    private SocketsHttpHandler Connect(SocketsHttpHandler handler)
    {
        handler.ConnectCallback = (_, token) => ConnectAsync(token);
        OnHandler?.Invoke(handler);
        return handler;
    }

    private ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        Touch();
        cancellationToken.ThrowIfCancellationRequested();
        if (!_scripts.TryDequeue(out var script))
        {
            _problems.Enqueue("A connection came that was not expected.");
            throw new SocketException((int)SocketError.ConnectionRefused);
        }
        if (script.Acts is [Act.Refuse refuse])
            throw new SocketException((int)refuse.Error);
        var connection = new ScriptedConnection(this, script);
        _connections.Add(connection);
        return new(connection);
    }
}
