namespace RawLlm.Comparisons.Loopback;

/// <summary>One way to read a stream from the server; keeps its connections.</summary>
internal abstract class LoopbackClient(string name) : IDisposable
{
    /// <summary>A short name for tables.</summary>
    public string Name { get; } = name;

    /// <summary>Asks for a stream and reads it to its end.</summary>
    /// <param name="path">What the server is to send, as in <c>/run/2000/0</c>.</param>
    /// <param name="sink">Where everything goes.</param>
    public abstract Task ReadAsync(string path, TextSink sink);

    public abstract void Dispose();
}
