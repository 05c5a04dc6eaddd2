namespace RawLlm;

/// <summary>One streamed answer for several consumers.</summary>
public static class ChatStreamExtensions
{
    /// <summary>Adds observers to a stream; from now on, read it through the returned stream.</summary>
    /// <param name="stream">The stream, from which nothing has been read yet.</param>
    /// <param name="observers">The observers, in the order in which they are called.</param>
    /// <exception cref="InvalidOperationException">The stream is already being read.</exception>
    public static TeeStream Tee(this ChatStream stream, params IStreamObserver[] observers)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(observers);
        foreach (var observer in observers)
            ArgumentNullException.ThrowIfNull(observer, nameof(observers));
        stream.ClaimEnumeration();
        return new TeeStream(stream, [.. observers]);
    }

    /// <summary>Adds an observer that does not wait for anything: <c>stream.Tee(e => log.Write(e.Utf8))</c>.</summary>
    /// <param name="stream">The stream, from which nothing has been read yet.</param>
    /// <param name="observe">Called with each event, which is lent for the call.</param>
    /// <exception cref="InvalidOperationException">The stream is already being read.</exception>
    public static TeeStream Tee(this ChatStream stream, Action<StreamEvent> observe)
    {
        ArgumentNullException.ThrowIfNull(observe);
        return Tee(stream, new ObservingAction(observe));
    }
}
