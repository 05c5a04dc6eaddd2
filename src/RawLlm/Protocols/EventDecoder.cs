using System.Diagnostics.CodeAnalysis;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the frames of one stream into events. Not thread-safe.</summary>
/// <remarks>
/// Returns content as it arrives, and the closing events (<c>Stop</c>, <c>Usage</c>, <c>Done</c>) only after the wire's own end mark.
/// A stop reason or usage that arrives earlier is held back until then.
/// </remarks>
[Experimental("RLLM902")]
public abstract class EventDecoder : IDisposable
{
    /// <summary>The usage of the answer as far as it is known; used for the error of a stream that breaks off.</summary>
    public virtual Usage? Usage => null;

    /// <summary>The service's ID of the answer; null until it is known.</summary>
    internal virtual string? AnswerId => null;

    /// <summary>The service's name for the model that answers; null until it is known.</summary>
    internal virtual string? AnswerModel => null;

    /// <summary>Decodes one frame.</summary>
    /// <returns>False if the answer has ended and nothing after it is read.</returns>
    /// <exception cref="LlmException">The frame is an error or violates the wire format. Events added before stay.</exception>
    /// <exception cref="System.Text.Json.JsonException">The frame is not JSON. The caller converts this to an
    /// <see cref="LlmException"/>.</exception>
    public abstract bool Decode(in Frame frame, EventBuffer events);

    /// <summary>Handles a body that ended without the wire's end mark: adds the closing events if the answer is complete anyway.</summary>
    /// <param name="isCut">Whether the body ended inside a frame.</param>
    /// <param name="events">Receives the closing events.</param>
    /// <exception cref="LlmException">The answer is incomplete (<see cref="LlmErrorKind.StreamTruncated"/>).</exception>
    public abstract void Complete(bool isCut, EventBuffer events);

    /// <summary>
    /// Whether the bytes of tool calls are held until the decoder is disposed, so that its events need no copies
    /// (<see cref="EventBuffer.Lend"/>). False for a decoder that wraps another one, which may be disposed earlier.
    /// </summary>
    internal virtual bool RetainsCallBytes => false;

    /// <summary>Whether the frames are of no use to a predictor because the decoder predicts their content itself.</summary>
    internal virtual bool PredictsItself => false;

    /// <summary>The number of frames that the decoder predicted itself.</summary>
    internal virtual long PredictedCount => 0;

    /// <summary>Reads the counts of a frame that was otherwise not parsed (<see cref="FrameTrace.Deferred"/>).</summary>
    internal virtual void ReadDeferred(ReadOnlySpan<byte> json, EventBuffer events) { }

    /// <summary>Whether the stop reason is known, even if the closing events are still held back.</summary>
    internal virtual bool IsStopped => false;

    /// <summary>
    /// The failure of an answer that has ended without a reason, which its next event may still give; null at all other times. If the next
    /// event is not already available, the caller throws this.
    /// </summary>
    internal virtual LlmException? Unexplained => null;

    /// <summary>
    /// Handles an answer that breaks off for any reason: adds what was held back until its end and is valid without it. Called only if some
    /// of the answer was already returned; a second call adds nothing.
    /// </summary>
    internal virtual void Abort(EventBuffer events) { }

    /// <summary>Whether the data of a frame without its end mark is complete in itself.</summary>
    public virtual bool IsWhole(ReadOnlySpan<byte> data) => WireJson.IsWhole(data);

    /// <summary>Returns pooled buffers; a second call does nothing.</summary>
    public virtual void Dispose() { }
}
