namespace RawLlm.Comparisons.Loopback;

/// <summary>The server, in its own process.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly OwnProcess _process;

    private LoopbackServer(OwnProcess process, string http1, string http2)
    {
        _process = process;
        Http1 = http1;
        Http2 = http2;
    }

    /// <summary>The HTTP/1.1 address.</summary>
    public string Http1 { get; }

    /// <summary>The HTTP/2 address, without TLS.</summary>
    public string Http2 { get; }

    public static async Task<LoopbackServer> StartAsync()
    {
        var process = new OwnProcess("serve");
        try
        {
            string[] addresses = (await process.ReadLineAsync()).Split(' ');
            return new LoopbackServer(process, addresses[0], addresses[1]);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    public void Dispose() => _process.Dispose();
}
