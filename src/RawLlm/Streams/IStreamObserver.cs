namespace RawLlm;

/// <summary>Looks on while somebody reads a streamed answer: a log, a screen, a counter (<see cref="StreamTee.Tee(ChatStream, IStreamObserver[])"/>).</summary>
public interface IStreamObserver
{
    /// <summary>Sees an event, in order, before the reader does. The next event is read once all observers are done with this one.</summary>
    /// <remarks>
    /// The event is lent until the method returns, and not while its task runs: whoever waits takes what is needed first, as with <see cref="StreamEvent.ToUpdate"/>.
    /// An observer that throws is told nothing more (<see cref="TeeStream.Failures"/>); the others and the reader do not notice.
    /// </remarks>
    /// <param name="e">The event.</param>
    /// <param name="cancellationToken">The token of the read that brought the event.</param>
    ValueTask OnEventAsync(StreamEvent e, CancellationToken cancellationToken);

    /// <summary>Hears once that nothing more comes.</summary>
    /// <param name="reply">The whole answer, or as much of it as was read (<see cref="ChatReply.IsComplete"/>); all observers get the same.</param>
    /// <param name="error">What ended it early; null when it is whole, and when the reader left it.</param>
    ValueTask OnEndAsync(ChatReply reply, Exception? error) => default;
}
