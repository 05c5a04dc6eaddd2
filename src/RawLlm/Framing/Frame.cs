using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Framing;

/// <summary>One complete unit of a stream: an SSE event, a JSON line, an event stream message. Lent until the reader's next call.</summary>
[Experimental("RLLM903")]
public readonly ref struct Frame
{
    /// <summary>Creates a frame.</summary>
    /// <param name="data">The payload.</param>
    /// <param name="raw">All bytes of the frame, from its first field to its end mark.</param>
    public Frame(ReadOnlySpan<byte> data, ReadOnlySpan<byte> raw)
    {
        Data = data;
        Raw = raw;
    }

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>All bytes of the frame, from its first field to its end mark, regardless of how the input was split.</summary>
    /// <remarks>An SSE event whose blank line ends with CR LF ends at the CR, where it is complete; the LF belongs to no frame.</remarks>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>The type that the framing specifies: SSE's <c>event</c>, or an event stream's <c>:event-type</c>, <c>:exception-type</c> or
    /// <c>:error-code</c>; empty if there is none.</summary>
    public ReadOnlySpan<byte> Type { get; init; }

    /// <summary>SSE's last event ID; empty for other framings.</summary>
    public ReadOnlySpan<byte> Id { get; init; }

    /// <summary>The kind of message, if the framing distinguishes content from errors (an event stream's <c>:message-type</c>).</summary>
    public ReadOnlySpan<byte> Category { get; init; }

    /// <summary>
    /// The error in the service's words, if the framing itself carries it (an event stream's <c>:error-message</c>); otherwise empty.
    /// </summary>
    public ReadOnlySpan<byte> ErrorMessage { get; init; }

    /// <summary>
    /// Whether the input ended before the frame's end mark. The reader of <see cref="Data"/> decides whether the frame is complete.
    /// </summary>
    public bool IsUnterminated { get; init; }
}
