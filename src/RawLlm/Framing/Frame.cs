using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Framing;

/// <summary>One whole unit of a stream: an SSE event, a JSON line, a message of an event stream. Lent until the reader's next call.</summary>
[Experimental("RLLM903")]
public readonly ref struct Frame
{
    /// <summary>Makes a frame.</summary>
    /// <param name="data">The payload.</param>
    /// <param name="raw">Every byte of the frame, from its first field to its end mark.</param>
    public Frame(ReadOnlySpan<byte> data, ReadOnlySpan<byte> raw)
    {
        Data = data;
        Raw = raw;
    }

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Every byte of the frame, from its first field to its end mark: the same however the input was cut into pieces.</summary>
    /// <remarks>An SSE event whose blank line ends in CR LF ends at the CR, which is where it is complete; the LF is in no frame.</remarks>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>The type that the framing gives: SSE's <c>event</c>, an event stream's <c>:event-type</c>, <c>:exception-type</c> or <c>:error-code</c>; empty where none is given.</summary>
    public ReadOnlySpan<byte> Type { get; init; }

    /// <summary>SSE's last event id; empty elsewhere.</summary>
    public ReadOnlySpan<byte> Id { get; init; }

    /// <summary>What kind of message it is, where the framing tells content from failure (an event stream's <c>:message-type</c>).</summary>
    public ReadOnlySpan<byte> Category { get; init; }

    /// <summary>What went wrong in the service's words, where the framing itself carries it (an event stream's <c>:error-message</c>); empty elsewhere.</summary>
    public ReadOnlySpan<byte> ErrorMessage { get; init; }

    /// <summary>True when the input ended before the frame's end mark; whether it is whole is for the reader of <see cref="Data"/> to say.</summary>
    public bool IsUnterminated { get; init; }
}
