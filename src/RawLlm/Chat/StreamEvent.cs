using System.Runtime.CompilerServices;
using System.Text;

namespace RawLlm;

/// <summary>One event of a streamed answer, lent until the next read.</summary>
/// <remarks>
/// A ref struct: the compiler rejects every use that could outlive the loan (across an <c>await</c>, in a list, in a lambda).
/// To keep an event, call <see cref="ToUpdate"/>. <see cref="Kind"/> determines which properties are set:
/// <list type="table">
/// <item><term>Text, Reasoning, Refusal, Transcript</term><description><see cref="Utf8"/></description></item>
/// <item><term>ToolCallStarted</term><description><see cref="Id"/>, <see cref="Name"/></description></item>
/// <item><term>ToolArguments</term><description><see cref="Utf8"/> (a fragment), <see cref="Id"/>, <see cref="Name"/></description></item>
/// <item><term>ToolCall</term><description><see cref="Utf8"/> (the complete arguments), <see cref="Id"/>,
/// <see cref="Name"/></description></item>
/// <item><term>WireData</term><description><see cref="Utf8"/> (a JSON object), <see cref="Name"/> (the wire),
/// <see cref="Origin"/></description></item>
/// <item><term>Media</term><description><see cref="Utf8"/> (base64, or a URL), <see cref="Name"/> (the media type; null for a
/// URL)</description></item>
/// <item><term>LogProbs</term><description><see cref="LogProbs"/>, <see cref="Utf8"/> (the service's own JSON)</description></item>
/// <item><term>Citation</term><description><see cref="Citation"/>, <see cref="Utf8"/> (the service's own JSON)</description></item>
/// <item><term>Switched</term><description><see cref="Switch"/></description></item>
/// <item><term>Stop</term><description><see cref="StopReason"/>, <see cref="RawStopReason"/>,
/// <see cref="StopMessage"/>, <see cref="StopSequence"/></description></item>
/// <item><term>Usage</term><description><see cref="Usage"/></description></item>
/// <item><term>Done</term><description><see cref="Id"/> (of the answer), <see cref="Name"/> (of the model)</description></item>
/// <item><term>Other</term><description><see cref="Name"/> (the wire's own type, if it has one), <see cref="Frame"/></description></item>
/// </list>
/// </remarks>
public readonly ref struct StreamEvent
{
    private readonly IEventDetails? _details;

    /// <summary>Creates an event, for tests and for your own streams.</summary>
    public StreamEvent(StreamEventKind kind, int choice = 0, int index = 0, ReadOnlySpan<byte> utf8 = default)
        : this(kind, choice, index, utf8, null) { }

    // Inlined, so that only the properties that are read are computed: copying a whole event took longer than predicting it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal StreamEvent(StreamEventKind kind, int choice, int index, ReadOnlySpan<byte> utf8, IEventDetails? details)
    {
        Kind = kind;
        Choice = choice;
        Index = index;
        Utf8 = utf8;
        _details = details;
    }

    /// <summary>The kind of event.</summary>
    public StreamEventKind Kind { get; }

    /// <summary>The index of the choice that the event belongs to; 0 if there is only one.</summary>
    public int Choice { get; }

    /// <summary>
    /// The index of the part of the answer that the event belongs to: parts are numbered per choice, in the order in which they first
    /// appear.
    /// </summary>
    public int Index { get; }

    /// <summary>The bytes of the event, valid until the next read.</summary>
    public ReadOnlySpan<byte> Utf8 { get; }

    /// <summary>The ID of the tool call, or of the whole answer for <see cref="StreamEventKind.Done"/>.</summary>
    public string? Id
    {
        get => _details?.Id;
        init => _details = new EventDetails(_details) { Id = value };
    }

    /// <summary>
    /// The name of the tool, the wire, the wire's own event type, the media type, or, for <see cref="StreamEventKind.Done"/>, the model.
    /// </summary>
    public string? Name
    {
        get => _details?.Name;
        init => _details = new EventDetails(_details) { Name = value };
    }

    /// <summary>The role of a piece of text in the answer, if the service sends it beforehand (<see cref="TextPart.Phase"/>).</summary>
    public string? Phase => Kind == StreamEventKind.Text ? Name : null;

    /// <summary>What the answer used.</summary>
    public Usage? Usage
    {
        get => _details?.Usage;
        init => _details = new EventDetails(_details) { Usage = value };
    }

    /// <summary>
    /// Why the choice ended; <see cref="StopReason.ToolUse"/> if the model called tools, unless the service reported that the answer was
    /// cut off, withheld, refused, paused or failed.
    /// </summary>
    public StopReason StopReason
    {
        get => _details?.StopReason ?? default;
        init => _details = new EventDetails(_details) { StopReason = value };
    }

    /// <summary>The service's own stop reason.</summary>
    public string? RawStopReason
    {
        get => _details?.RawStopReason;
        init => _details = new EventDetails(_details) { RawStopReason = value };
    }

    /// <summary>
    /// What the service says about why the choice ended, such as why it declined; null if it sends nothing but the stop reason.
    /// </summary>
    public string? StopMessage
    {
        get => _details?.StopMessage;
        init => _details = new EventDetails(_details) { StopMessage = value };
    }

    /// <summary>The stop sequence that ended the choice (<see cref="ChatChoice.StopSequence"/>); null if the service names none.</summary>
    public string? StopSequence
    {
        get => _details?.StopSequence;
        init => _details = new EventDetails(_details) { StopSequence = value };
    }

    /// <summary>The citation. Its position in the text is known only for the whole answer (<see cref="ChatChoice.Citations"/>).</summary>
    public Citation? Citation
    {
        get => _details?.Citation;
        init => _details = new EventDetails(_details) { Citation = value };
    }

    /// <summary>The log probabilities of this event's tokens only.</summary>
    public LogProbs? LogProbs
    {
        get => _details?.LogProbs;
        init => _details = new EventDetails(_details) { LogProbs = value };
    }

    /// <summary>The seam, and whether the answer is continued after it.</summary>
    public StreamSwitch? Switch
    {
        get => _details?.Switch;
        init => _details = new EventDetails(_details) { Switch = value };
    }

    /// <summary>The only service that can verify the wire data (<see cref="WireData.Origin"/>).</summary>
    public string? Origin
    {
        get => _details?.Origin;
        init => _details = new EventDetails(_details) { Origin = value };
    }

    /// <summary>The raw data of the event, valid until the next read; empty for events that do not come from a single frame.</summary>
    public ReadOnlySpan<byte> Frame
    {
        get => _details is null ? default : _details.Frame;
        init => _details = new EventDetails(_details) { Frame = value };
    }

    /// <summary>Returns an owned copy, which can be kept.</summary>
    public StreamUpdate ToUpdate() =>
        new(Kind, Choice, Index, Utf8.IsEmpty ? null : ToString())
        {
            Id = Id,
            Name = Name,
            Usage = Usage,
            StopReason = StopReason,
            RawStopReason = RawStopReason,
            StopMessage = StopMessage,
            StopSequence = StopSequence,
            Citation = Citation,
            LogProbs = LogProbs,
            Switch = Switch,
            Origin = Origin,
        };

    /// <summary>Returns <see cref="Utf8"/> as a string.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);
}
