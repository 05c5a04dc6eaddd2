using System.Buffers;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Takes the events of one frame from a decoder and lends them to the reader one by one. Slots and bytes are reused.</summary>
[Experimental("RLLM902")]
public sealed class EventBuffer : IEventDetails, IDisposable
{
    private Slot[] _slots = [];
    private int _count;
    private int _current = -1;
    private byte[] _bytes = [];
    private int _length;

    // Replaced by a copy when a quirk is added, which is rare. Replies made earlier, on any thread, keep the list they have.
    private ReadOnlyCollection<Quirk> _quirks = ReadOnlyCollection<Quirk>.Empty;

    private RetainedBytes _citations;
    private RetainedBytes _tokens;

    /// <summary>Creates a buffer.</summary>
    public EventBuffer(DecoderOptions? options = null) => Options = options ?? DecoderOptions.Default;

    /// <summary>How tolerant the decoder is, and its limits.</summary>
    public DecoderOptions Options { get; }

    /// <summary>The deviations tolerated so far, each once.</summary>
    public IReadOnlyList<Quirk> Quirks => _quirks;

    /// <summary>The number of events that have not been read yet.</summary>
    public int Pending => _count - _current - 1;

    /// <summary>Whether any content has been added: text, reasoning, a refusal, an image, audio, or any part of a tool call.</summary>
    public bool HasContent { get; private set; }

    /// <summary>
    /// The event that the last <see cref="MoveNext"/> moved to; of kind <see cref="StreamEventKind.None"/> before the first call.
    /// </summary>
    public StreamEvent Current => At(this);

    /// <summary>The record of what the full read of this frame finds out; null if nothing is recorded.</summary>
    internal FrameTrace? Trace { get; set; }

    /// <summary>Moves to the next event. If there is none, clears all events added so far.</summary>
    public bool MoveNext()
    {
        if (_current + 1 < _count)
        {
            _current++;
            return true;
        }
        if (_count > 0)
        {
            _slots.AsSpan(0, _count).Clear();
            _count = 0;
            _length = 0;
            _current = -1;
        }
        return false;
    }

    /// <summary>Whether the decoder lives as long as its events, so that it may lend them its own bytes (<see cref="Lend"/>).</summary>
    internal bool MayLend { get; init; }

    /// <summary>Adds an event without bytes.</summary>
    public void Add(StreamEventKind kind, int choice = 0, int index = 0, string? id = null, string? name = null) =>
        Add(kind, choice, index, [], id, name);

    /// <summary>Adds an event and copies its bytes. An empty piece of text, reasoning, refusal or arguments adds no event.</summary>
    public void Add(StreamEventKind kind, int choice, int index, ReadOnlySpan<byte> utf8, string? id = null, string? name = null)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        Commit(kind, choice, index, utf8.Length, id, name);
    }

    /// <summary>Adds a copy of an event.</summary>
    public void Add(in StreamEvent source) => Add(source, source.Index);

    /// <summary>Adds a copy of an event, assigned to another part.</summary>
    internal void Add(in StreamEvent source, int index)
    {
        int before = _count;
        Add(source.Kind, source.Choice, index, source.Utf8, source.Id, source.Name);
        if (_count == before)
            return;
        ref var slot = ref _slots[_count - 1];
        slot.Usage = source.Usage;
        slot.StopReason = source.StopReason;
        slot.Raw = source.RawStopReason;
        if (source.Kind == StreamEventKind.Stop)
            slot.Name = source.StopSequence;
        slot.Object = (object?)source.Citation ?? (object?)source.Switch ?? (object?)source.LogProbs ?? source.StopMessage ?? source.Origin;
    }

    /// <summary>Returns room for the bytes of the next event, which <see cref="Commit"/> then adds.</summary>
    public Span<byte> Reserve(int most)
    {
        if (_bytes.Length - _length < most)
            Grow(most);
        return _bytes.AsSpan(_length, most);
    }

    /// <summary>Bytes written into the room from <see cref="Reserve"/> but not added as an event.</summary>
    internal ReadOnlySpan<byte> Scratch(int start, int length) => _bytes.AsSpan(_length + start, length);

    /// <summary>Adds an event whose bytes were written into the room from <see cref="Reserve"/>.</summary>
    public void Commit(StreamEventKind kind, int choice, int index, int length, string? id = null, string? name = null)
    {
        if (kind is >= StreamEventKind.Text and <= StreamEventKind.ToolCall)
        {
            if (length == 0 && kind is not (StreamEventKind.ToolCallStarted or StreamEventKind.ToolCall))
                return;
            HasContent = true;
        }
        HasContent |= kind is StreamEventKind.Media or StreamEventKind.Transcript;
        // Only pieces are predicted. A piece that is held back adds no event, and the event added here would be taken for it.
        if (kind is not (StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.Refusal or StreamEventKind.ToolArguments))
            Trace?.Reject();
        ref var slot = ref NewSlot();
        slot.Kind = kind;
        slot.Choice = choice;
        slot.Index = index;
        slot.Start = _length;
        slot.Length = length;
        slot.Id = id;
        slot.Name = name;
        if (kind == StreamEventKind.WireData)
            slot.Object = Options.Origin;
        _length += length;
    }

    /// <summary>
    /// Adds an event whose bytes stay unchanged until it is read. They are not copied if lending is allowed (<see cref="MayLend"/>).
    /// </summary>
    internal void Lend(StreamEventKind kind, int choice, int index, in PooledBytes bytes, string? id, string? name)
    {
        if (!MayLend)
        {
            Add(kind, choice, index, bytes.Span, id, name);
            return;
        }
        Commit(kind, choice, index, 0, id, name);
        ref var slot = ref _slots[_count - 1];
        slot.Lent = bytes.Array;
        slot.Start = 0;
        slot.Length = bytes.Length;
    }

    /// <summary>Removes the events of a frame that turned out to be unreadable.</summary>
    /// <param name="hadContent">Whether content had been added before that frame.</param>
    internal void DropPending(bool hadContent)
    {
        _slots.AsSpan((_current + 1).._count).Clear();
        _count = _current + 1;
        HasContent = hadContent;
    }

    /// <summary>Records that content was returned without passing through this buffer.</summary>
    internal void MarkHasContent() => HasContent = true;

    /// <summary>Skips the value of the property that the reader is on; its content has no meaning here.</summary>
    internal void Ignore(scoped ref Utf8JsonReader reader)
    {
        if (Trace is { } trace)
        {
            trace.Ignore(ref reader);
            return;
        }
        reader.Read();
        reader.Skip();
    }

    /// <summary>
    /// Records that the frame changed nothing apart from what its one piece changes (<see cref="FrameTrace.IsRepeatable"/>).
    /// </summary>
    internal void MarkRepeatable()
    {
        if (Trace is { } trace)
            trace.IsRepeatable = true;
    }

    /// <summary>Adds the event that ends a choice.</summary>
    /// <param name="choice">The number of the choice.</param>
    /// <param name="reason">Why the choice ended.</param>
    /// <param name="raw">The service's own word for the reason.</param>
    /// <param name="message">The service's message about it.</param>
    /// <param name="sequence">The stop sequence that ended the choice.</param>
    public void Stop(int choice, StopReason reason, string? raw, string? message = null, string? sequence = null)
    {
        ref var slot = ref NewSlot();
        slot.Kind = StreamEventKind.Stop;
        slot.Choice = choice;
        slot.StopReason = reason;
        slot.Raw = raw;
        slot.Object = message;
        slot.Name = sequence;
    }

    /// <summary>Adds the usage of the answer.</summary>
    public void Usage(Usage usage)
    {
        ref var slot = ref NewSlot();
        slot.Kind = StreamEventKind.Usage;
        slot.Usage = usage;
    }

    /// <summary>Adds a citation.</summary>
    public void Cite(int choice, int index, Citation citation)
    {
        ArgumentNullException.ThrowIfNull(citation);
        Add(StreamEventKind.Citation, choice, index, citation.Json.Utf8);
        _slots[_count - 1].Object = citation;
    }

    /// <summary>Adds the log probabilities of some tokens.</summary>
    internal void AddLogProbs(int choice, int index, ReadOnlySpan<byte> json, LogProbs logProbs)
    {
        Add(StreamEventKind.LogProbs, choice, index, json);
        _slots[_count - 1].Object = logProbs;
    }

    /// <summary>Counts the memory that a token takes in addition to its JSON.</summary>
    /// <inheritdoc cref="RetainedBytes.Add" path="/exception"/>
    internal void CountToken(int bytes) => _tokens.Add(bytes, this);

    /// <summary>Adds a seam.</summary>
    internal void Switch(StreamSwitch seam)
    {
        ref var slot = ref NewSlot();
        slot.Kind = StreamEventKind.Switched;
        slot.Object = seam;
    }

    /// <summary>
    /// Counts the memory that a citation takes in addition to its JSON: about 256 bytes. Without this, millions of small citations would
    /// fit into one event.
    /// </summary>
    /// <inheritdoc cref="RetainedBytes.Add" path="/exception"/>
    internal void CountCitation() => _citations.Add(256, this);

    /// <summary>Records a tolerated deviation. Each is kept once.</summary>
    /// <exception cref="LlmException">Decoding is strict.</exception>
    public void Note(QuirkKind kind, string place)
    {
        if (Options.Strict)
            ThrowStrict(kind, place);
        Record(new Quirk(kind, place));
    }

    /// <summary>Records a quirk that is not the service's fault, such as a part of the request that was left out. Never throws.</summary>
    internal void Record(Quirk quirk)
    {
        if (!_quirks.Contains(quirk))
            _quirks = new([.. _quirks, quirk]);
    }

    /// <summary>Creates the error for a deviation in strict decoding.</summary>
    internal static LlmException Refuse(QuirkKind kind, string place) =>
        new(
            kind == QuirkKind.NoFinishReason ? LlmErrorKind.StreamTruncated : LlmErrorKind.MalformedResponse,
            $"Strict decoding: {kind.ToString()} at {place}."
        )
        {
            Phase = LlmPhase.Streaming,
        };

    /// <summary>Returns slots and bytes to their pools if they hold no event, so that a waiting stream holds none.</summary>
    internal void ReleaseIfEmpty()
    {
        if (_count > 0)
            return;
        ReturnSlots();
        ReturnBytes();
    }

    /// <summary>Returns the pooled arrays; a second call does nothing.</summary>
    public void Dispose()
    {
        _count = _length = 0;
        _current = -1;
        ReturnSlots();
        ReturnBytes();
    }

    /// <summary>The event that the last <see cref="MoveNext"/> moved to, with further details from the reader of its frame.</summary>
    internal StreamEvent At(IEventDetails details)
    {
        if (_current < 0)
            return default;
        ref readonly var slot = ref _slots[_current];
        return new StreamEvent(slot.Kind, slot.Choice, slot.Index, (slot.Lent ?? _bytes).AsSpan(slot.Start, slot.Length), details);
    }

    string? IEventDetails.Id => CurrentSlot.Id;

    // The end of a choice has no name: its place holds the stop sequence.
    string? IEventDetails.Name => CurrentSlot is { Kind: not StreamEventKind.Stop, Name: var name } ? name : null;

    string? IEventDetails.StopSequence => CurrentSlot is { Kind: StreamEventKind.Stop, Name: var sequence } ? sequence : null;

    Usage? IEventDetails.Usage => CurrentSlot.Usage;

    StopReason IEventDetails.StopReason => CurrentSlot.StopReason;

    string? IEventDetails.RawStopReason => CurrentSlot.Raw;

    string? IEventDetails.StopMessage => CurrentSlot is { Kind: StreamEventKind.Stop, Object: string message } ? message : null;

    Citation? IEventDetails.Citation => CurrentSlot.Object as Citation;

    LogProbs? IEventDetails.LogProbs => CurrentSlot.Object as LogProbs;

    StreamSwitch? IEventDetails.Switch => CurrentSlot.Object as StreamSwitch;

    string? IEventDetails.Origin => CurrentSlot is { Kind: not StreamEventKind.Stop, Object: string origin } ? origin : null;

    ReadOnlySpan<byte> IEventDetails.Frame => default;

    private Slot CurrentSlot => (uint)_current < (uint)_slots.Length ? _slots[_current] : default;

    private ref Slot NewSlot()
    {
        if (_count == _slots.Length)
            GrowSlots();
        return ref _slots[_count++];
    }

    private void GrowSlots()
    {
        var larger = ArrayPool<Slot>.Shared.Rent(Math.Max(4, _count * 2));
        _slots.AsSpan(0, _count).CopyTo(larger);
        ReturnSlots();
        _slots = larger;
    }

    // Cleared so that the pool keeps nothing alive and the next owner gets empty slots.
    private void ReturnSlots()
    {
        var slots = _slots;
        _slots = [];
        if (slots.Length > 0)
            ArrayPool<Slot>.Shared.Return(slots, clearArray: true);
    }

    private void ReturnBytes()
    {
        byte[] bytes = _bytes;
        _bytes = [];
        if (bytes.Length > 0)
            ByteArrays.Return(bytes);
    }

    private void Grow(int maxAdded)
    {
        byte[] larger = ByteArrays.Rent(Math.Max(512, AnswerErrors.GrownLength(_bytes.Length, _length + (long)maxAdded)));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length > 0)
            ByteArrays.Return(_bytes);
        _bytes = larger;
    }

    private static void ThrowStrict(QuirkKind kind, string place) => throw Refuse(kind, place);

    private struct Slot
    {
        public StreamEventKind Kind;
        public int Choice;
        public int Index;
        public int Start;
        public int Length;
        public byte[]? Lent;
        public string? Id;
        public string? Name;
        public Usage? Usage;
        public StopReason StopReason;
        public string? Raw;

        // A citation, a seam, log probabilities, the origin of wire data, or the message of a stop.
        public object? Object;
    }
}
