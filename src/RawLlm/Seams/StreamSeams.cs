using RawLlm.Transport;

namespace RawLlm;

/// <summary>
/// Lets a stream continue that breaks after some of it was delivered. Only its reader calls this, except for <see cref="Stop"/>.
/// </summary>
internal abstract class StreamSeams
{
    /// <summary>The seams so far.</summary>
    public abstract IReadOnlyList<StreamSwitch> Switches { get; }

    /// <summary>Wraps the body of an answer, from which nothing has been read, so that it is followed while it is read.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="client">The client that was asked for it.</param>
    /// <param name="mediaType">The media type by which its decoder was chosen; null if the server sent none.</param>
    public abstract Stream ObserveBody(HttpAnswer answer, LlmClient client, string? mediaType);

    /// <summary>Whether another client may continue after a failure.</summary>
    public abstract bool MayGoOn(ChatStream stream, LlmException failure);

    /// <summary>
    /// Lets another client continue, and moves the stream to the seam; or to an event that was held until the end of the answer, if no
    /// client can continue.
    /// </summary>
    /// <exception cref="LlmException">No client could continue, and no event is left: the failure, with all attempts.</exception>
    public async ValueTask GoOnOrEndAsync(ChatStream stream, LlmException broken, CancellationToken readToken)
    {
        try
        {
            await GoOnAsync(stream, broken, readToken).ConfigureAwait(false);
        }
        catch (LlmException e) when (stream.TryEndWithLeft(e))
        {
            // Every later read throws the failure.
        }
    }

    /// <summary>Lets another client continue, and moves the stream to the seam.</summary>
    /// <exception cref="LlmException">No client could continue: the failure, with all attempts.</exception>
    protected abstract ValueTask GoOnAsync(ChatStream stream, LlmException failure, CancellationToken readToken);

    /// <summary>Returns the cost of the answer including the attempts before its seams, as far as that is known.</summary>
    /// <param name="last">The cost of the current attempt; null if it is not known.</param>
    public abstract Cost? Total(Cost? last);

    /// <summary>Ends a switch that is in progress.</summary>
    public abstract void Stop();
}
