using RawLlm.Transport;

namespace RawLlm;

/// <summary>Lets a stream go on that breaks after something of it was handed on. Its reader alone calls it, but for <see cref="Stop"/>.</summary>
internal abstract class StreamSeams
{
    /// <summary>The seams so far.</summary>
    public abstract IReadOnlyList<StreamSwitch> Switches { get; }

    /// <summary>The body of an answer of which nothing was read, followed while it is.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="client">Who was asked for it.</param>
    /// <param name="mediaType">By which its decoder was chosen; null where the server named none.</param>
    public abstract Stream Follow(HttpAnswer answer, LlmClient client, string? mediaType);

    /// <summary>Whether somebody else may go on after a failure.</summary>
    public abstract bool MayGoOn(ChatStream stream, LlmException failure);

    /// <summary>Has somebody else go on, and moves the stream to the seam.</summary>
    /// <exception cref="LlmException">Nobody could: the failure, with all attempts.</exception>
    public abstract ValueTask GoOnAsync(ChatStream stream, LlmException failure, CancellationToken readToken);

    /// <summary>What the answer cost with the attempts before its seams, as far as that is known.</summary>
    /// <param name="last">What the attempt under way cost; null where that is not known.</param>
    public abstract Cost? Total(Cost? last);

    /// <summary>Ends a switch that is under way.</summary>
    public abstract void Stop();
}
