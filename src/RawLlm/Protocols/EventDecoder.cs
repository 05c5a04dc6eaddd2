using System.Diagnostics.CodeAnalysis;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Turns the frames of one stream into events. Not thread-safe.</summary>
/// <remarks>
/// Gives content as it comes, and the closing events (<c>Stop</c>, <c>Usage</c>, <c>Done</c>) only when the wire's own end has
/// been seen. Stop reason and usage that stand earlier on the wire are held back until then.
/// </remarks>
[Experimental("RLLM902")]
public abstract class EventDecoder : IDisposable
{
    /// <summary>What the answer is known to have used so far; for the error of a stream that breaks off.</summary>
    public virtual Usage? Usage => null;

    /// <summary>The service's id of the answer, as soon as that is known.</summary>
    internal virtual string? AnswerId => null;

    /// <summary>The model that answers, by the service's own name, as soon as that is known.</summary>
    internal virtual string? AnswerModel => null;

    /// <summary>Decodes one frame.</summary>
    /// <returns>False when the answer has ended: nothing after it is read.</returns>
    /// <exception cref="LlmException">The frame is an error, or not what the wire prescribes; events given before stay.</exception>
    /// <exception cref="System.Text.Json.JsonException">The frame is not JSON; the caller turns it into an <see cref="LlmException"/>.</exception>
    public abstract bool Decode(in Frame frame, EventBuffer events);

    /// <summary>The body has ended without the wire's end mark: gives the closing events if the answer is whole all the same.</summary>
    /// <param name="isCut">True when the body ended inside a frame.</param>
    /// <param name="events">Takes the closing events.</param>
    /// <exception cref="LlmException">The answer is not whole (<see cref="LlmErrorKind.StreamTruncated"/>).</exception>
    public abstract void Complete(bool isCut, EventBuffer events);

    /// <summary>True where the bytes of calls are held until the decoder is disposed, so that its events need no copies (<see cref="EventBuffer.Lend"/>). Not so for one that asks another, which may be gone before.</summary>
    internal virtual bool HoldsCalls => false;

    /// <summary>True where the frames say nothing to a predictor, and the decoder has one of its own for what they carry.</summary>
    internal virtual bool PredictsItself => false;

    /// <summary>How many frames the decoder has predicted itself.</summary>
    internal virtual long PredictedCount => 0;

    /// <summary>Reads the counts of a frame that was not read itself (<see cref="FrameTrace.Deferred"/>).</summary>
    internal virtual void ReadDeferred(ReadOnlySpan<byte> json, EventBuffer events)
    {
    }

    /// <summary>True once the wire has said why the answer ended, though its closing events are held back.</summary>
    internal virtual bool IsStopped => false;

    /// <summary>The failure of an answer that has ended without saying why, which its next event may still tell; null at all other times. Who has no next event at hand throws it.</summary>
    internal virtual LlmException? Unexplained => null;

    /// <summary>The answer breaks off, by whatever failure: gives what waited for its end and holds without it. Called only where something of the answer was given before; a second call gives nothing.</summary>
    internal virtual void GiveUp(EventBuffer events)
    {
    }

    /// <summary>Whether the data of a frame that lacks its end mark is whole in itself.</summary>
    public virtual bool IsWhole(ReadOnlySpan<byte> data) => WireJson.IsWhole(data);

    /// <summary>Gives back pooled buffers; a second call does nothing.</summary>
    public virtual void Dispose()
    {
    }
}
