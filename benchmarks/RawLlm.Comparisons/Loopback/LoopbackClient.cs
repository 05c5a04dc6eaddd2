namespace RawLlm.Comparisons.Loopback;

/// <summary>One way to read a stream from the server. It keeps its connections.</summary>
internal abstract class LoopbackClient(string name) : IDisposable
{
    /// <summary>A short name for tables.</summary>
    public string Name { get; } = name;

    /// <summary>Requests a stream and reads it to its end.</summary>
    /// <param name="path">What the server should send, such as <c>/run/2000/0</c>.</param>
    /// <param name="sink">Receives the content.</param>
    public abstract Task ReadAsync(string path, TextSink sink);

    public abstract void Dispose();
}
