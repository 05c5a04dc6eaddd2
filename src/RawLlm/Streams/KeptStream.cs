using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A stream whose events are kept for the whole answer while they are delivered.</summary>
/// <remarks>
/// One thread keeps events; others may build the answer meanwhile, as a disposal does. The event is copied before the check for disposal:
/// lent bytes may become another stream's during the copy.
/// </remarks>
internal sealed class KeptStream(ChatStream stream) : IEventDetails
{
    private readonly Lock _lock = new();
    private readonly ReplyBuilder _reply = new();

    // The current event, which is not part of the answer yet.
    private byte[] _bytes = [];
    private string? _id;
    private string? _name;
    private Usage? _usage;
    private StopReason _stopReason;
    private string? _rawStopReason;
    private string? _stopMessage;
    private string? _stopSequence;
    private Citation? _citation;
    private StreamSwitch? _switch;
    private LogProbs? _logProbs;
    private string? _origin;

    public ChatStream Stream => stream;

    /// <summary>Whether any of the answer has been kept.</summary>
    public bool HasContent => _reply.HasContent;

    string? IEventDetails.Id => _id;

    string? IEventDetails.Name => _name;

    Usage? IEventDetails.Usage => _usage;

    StopReason IEventDetails.StopReason => _stopReason;

    string? IEventDetails.RawStopReason => _rawStopReason;

    string? IEventDetails.StopMessage => _stopMessage;

    string? IEventDetails.StopSequence => _stopSequence;

    Citation? IEventDetails.Citation => _citation;

    StreamSwitch? IEventDetails.Switch => _switch;

    LogProbs? IEventDetails.LogProbs => _logProbs;

    string? IEventDetails.Origin => _origin;

    ReadOnlySpan<byte> IEventDetails.Frame => default;

    /// <summary>Keeps the stream's current event.</summary>
    /// <exception cref="ObjectDisposedException">The stream was disposed meanwhile; nothing of the event is kept.</exception>
    public void Record() => Record(stream.Current);

    /// <summary>Keeps an event that the stream has lent.</summary>
    internal void Record(in StreamEvent e)
    {
        int length = e.Utf8.Length;
        if (length > _bytes.Length)
            _bytes = new byte[Math.Max(256, (int)Math.Min(Array.MaxLength, Math.Max(length, 2L * _bytes.Length)))];
        e.Utf8.CopyTo(_bytes);
        (_id, _name) = (e.Id, e.Name);
        if (e.Kind is not (StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.ToolArguments))
        {
            (_usage, _stopReason, _rawStopReason, _stopMessage) = (e.Usage, e.StopReason, e.RawStopReason, e.StopMessage);
            _stopSequence = e.StopSequence;
            (_citation, _switch, _logProbs, _origin) = (e.Citation, e.Switch, e.LogProbs, e.Origin);
        }
        lock (_lock)
        {
            stream.ThrowIfDisposed();
            _reply.Add(new StreamEvent(e.Kind, e.Choice, e.Index, _bytes.AsSpan(0, length), this));
        }
    }

    /// <summary>Builds the answer from what has been kept.</summary>
    public ChatReply Build()
    {
        lock (_lock)
            return stream.Describe(_reply.Build());
    }
}
