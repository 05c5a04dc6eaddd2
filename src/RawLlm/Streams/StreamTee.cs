namespace RawLlm;

/// <summary>One streamed answer for several consumers.</summary>
public static class StreamTee
{
    /// <summary>Has others look on while the stream is read; from now on it is read through what is given back.</summary>
    /// <param name="stream">The stream, of which nothing was read yet.</param>
    /// <param name="observers">Whoever looks on, in the order in which they are told.</param>
    /// <exception cref="InvalidOperationException">The stream is read already.</exception>
    public static TeeStream Tee(this ChatStream stream, params IStreamObserver[] observers)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(observers);
        foreach (var observer in observers)
            ArgumentNullException.ThrowIfNull(observer, nameof(observers));
        stream.ClaimEnumeration();
        return new TeeStream(stream, [.. observers]);
    }

    /// <summary>The same for one who has nothing to wait for: <c>stream.Tee(e => log.Write(e.Utf8))</c>.</summary>
    /// <param name="stream">The stream, of which nothing was read yet.</param>
    /// <param name="observe">Is called with each event, lent for the call.</param>
    /// <exception cref="InvalidOperationException">The stream is read already.</exception>
    public static TeeStream Tee(this ChatStream stream, Action<StreamEvent> observe)
    {
        ArgumentNullException.ThrowIfNull(observe);
        return Tee(stream, new ObservingAction(observe));
    }
}
