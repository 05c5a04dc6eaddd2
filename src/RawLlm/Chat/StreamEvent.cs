using System.Runtime.CompilerServices;
using System.Text;

namespace RawLlm;

/// <summary>One event of a streamed answer, lent until the next read.</summary>
/// <remarks>
/// A ref struct: the compiler refuses every use that would outlive the loan (across an <c>await</c>, in a list, in a lambda).
/// Keep an event with <see cref="ToUpdate"/>. Which properties hold something depends on <see cref="Kind"/>:
/// <list type="table">
/// <item><term>Text, Reasoning, Refusal, Transcript</term><description><see cref="Utf8"/></description></item>
/// <item><term>ToolCallStarted</term><description><see cref="Id"/>, <see cref="Name"/></description></item>
/// <item><term>ToolArguments</term><description><see cref="Utf8"/> (the fragment), <see cref="Id"/>, <see cref="Name"/></description></item>
/// <item><term>ToolCall</term><description><see cref="Utf8"/> (the whole arguments), <see cref="Id"/>, <see cref="Name"/></description></item>
/// <item><term>WireData</term><description><see cref="Utf8"/> (a JSON object), <see cref="Name"/> (the wire), <see cref="Origin"/></description></item>
/// <item><term>Media</term><description><see cref="Utf8"/> (base64, or an address), <see cref="Name"/> (the media type; null for an address)</description></item>
/// <item><term>LogProbs</term><description><see cref="LogProbs"/>, <see cref="Utf8"/> (the service's own JSON)</description></item>
/// <item><term>Citation</term><description><see cref="Citation"/>, <see cref="Utf8"/> (the service's own JSON)</description></item>
/// <item><term>Switched</term><description><see cref="Switch"/></description></item>
/// <item><term>Stop</term><description><see cref="StopReason"/>, <see cref="RawStopReason"/>, <see cref="StopMessage"/></description></item>
/// <item><term>Usage</term><description><see cref="Usage"/></description></item>
/// <item><term>Done</term><description><see cref="Id"/> (of the answer), <see cref="Name"/> (of the model)</description></item>
/// <item><term>Other</term><description><see cref="Name"/> (the wire's own type, if it has one), <see cref="Frame"/></description></item>
/// </list>
/// </remarks>
public readonly ref struct StreamEvent
{
    private readonly IEventDetails? _details;

    /// <summary>Makes an event, for tests and for streams of one's own.</summary>
    public StreamEvent(StreamEventKind kind, int choice = 0, int index = 0, ReadOnlySpan<byte> utf8 = default)
        : this(kind, choice, index, utf8, null)
    {
    }

    // Inlined, so that only what is read of an event is put together: copying a whole one took longer than its prediction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal StreamEvent(StreamEventKind kind, int choice, int index, ReadOnlySpan<byte> utf8, IEventDetails? details)
    {
        Kind = kind;
        Choice = choice;
        Index = index;
        Utf8 = utf8;
        _details = details;
    }

    /// <summary>What the event tells.</summary>
    public StreamEventKind Kind { get; }

    /// <summary>Which of several answers side by side it belongs to; 0 where there is one.</summary>
    public int Choice { get; }

    /// <summary>Which part of the answer it belongs to: parts are numbered for each choice as they first appear.</summary>
    public int Index { get; }

    /// <summary>The bytes of the event, valid until the next read.</summary>
    public ReadOnlySpan<byte> Utf8 { get; }

    /// <summary>The id of the function call, or of the whole answer in <see cref="StreamEventKind.Done"/>.</summary>
    public string? Id
    {
        get => _details?.Id;
        init => _details = new EventDetails(_details) { Id = value };
    }

    /// <summary>The name of the function, of the wire's own event type, of the media type, or of the model in <see cref="StreamEventKind.Done"/>.</summary>
    public string? Name
    {
        get => _details?.Name;
        init => _details = new EventDetails(_details) { Name = value };
    }

    /// <summary>What a piece of text is to the answer, where the service says it before (<see cref="TextPart.Phase"/>).</summary>
    public string? Phase => Kind == StreamEventKind.Text ? Name : null;

    /// <summary>What the answer used.</summary>
    public Usage? Usage
    {
        get => _details?.Usage;
        init => _details = new EventDetails(_details) { Usage = value };
    }

    /// <summary>Why the choice ended; where functions were called it is <see cref="StopReason.ToolUse"/>, whatever the service said.</summary>
    public StopReason StopReason
    {
        get => _details?.StopReason ?? default;
        init => _details = new EventDetails(_details) { StopReason = value };
    }

    /// <summary>The service's own word for it.</summary>
    public string? RawStopReason
    {
        get => _details?.RawStopReason;
        init => _details = new EventDetails(_details) { RawStopReason = value };
    }

    /// <summary>What the service says of why the choice ended, such as why it declined; null where it says no more than its word.</summary>
    public string? StopMessage
    {
        get => _details?.StopMessage;
        init => _details = new EventDetails(_details) { StopMessage = value };
    }

    /// <summary>The source that is cited; where in the text only the whole answer tells (<see cref="ChatChoice.Citations"/>).</summary>
    public Citation? Citation
    {
        get => _details?.Citation;
        init => _details = new EventDetails(_details) { Citation = value };
    }

    /// <summary>How likely some tokens were: those of this event alone.</summary>
    public LogProbs? LogProbs
    {
        get => _details?.LogProbs;
        init => _details = new EventDetails(_details) { LogProbs = value };
    }

    /// <summary>The seam, and whether the answer is continued behind it.</summary>
    public StreamSwitch? Switch
    {
        get => _details?.Switch;
        init => _details = new EventDetails(_details) { Switch = value };
    }

    /// <summary>Which service alone can verify what it wants back (<see cref="WireData.Origin"/>).</summary>
    public string? Origin
    {
        get => _details?.Origin;
        init => _details = new EventDetails(_details) { Origin = value };
    }

    /// <summary>The raw data that the event came from, valid until the next read; empty for events that no single frame gave.</summary>
    public ReadOnlySpan<byte> Frame
    {
        get => _details is null ? default : _details.Frame;
        init => _details = new EventDetails(_details) { Frame = value };
    }

    /// <summary>An owned copy that may be kept.</summary>
    public StreamUpdate ToUpdate() => new(Kind, Choice, Index, Utf8.IsEmpty ? null : ToString())
    {
        Id = Id,
        Name = Name,
        Usage = Usage,
        StopReason = StopReason,
        RawStopReason = RawStopReason,
        StopMessage = StopMessage,
        Citation = Citation,
        LogProbs = LogProbs,
        Switch = Switch,
        Origin = Origin,
    };

    /// <summary><see cref="Utf8"/> as a string.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);
}
