namespace RawLlm;

/// <summary>
/// Observes a streamed answer while it is read, for example for a log, a screen or a counter
/// (<see cref="ChatStreamExtensions.Tee(ChatStream, IStreamObserver[])"/>).
/// </summary>
public interface IStreamObserver
{
    /// <summary>
    /// Receives each event, in order, before the reader does. The next event is read after all observers have finished with this one.
    /// </summary>
    /// <remarks>
    /// The event is lent until the method returns, not until its task completes: an observer that awaits first copies what it needs, for
    /// example with <see cref="StreamEvent.ToUpdate"/>. An observer that throws receives nothing more (<see cref="TeeStream.Failures"/>);
    /// the other observers and the reader are not affected.
    /// </remarks>
    /// <param name="e">The event.</param>
    /// <param name="cancellationToken">The token of the read that delivered the event.</param>
    ValueTask OnEventAsync(StreamEvent e, CancellationToken cancellationToken);

    /// <summary>Called once, after the last event.</summary>
    /// <param name="reply">The whole answer, or as much of it as was read (<see cref="ChatReply.IsComplete"/>); all observers get the same
    /// object.</param>
    /// <param name="error">What ended the answer early; null if it is complete, or if the reader left early.</param>
    ValueTask OnEndAsync(ChatReply reply, Exception? error) => default;
}
