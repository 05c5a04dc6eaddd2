using System.Buffers;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Takes the events of one frame from a decoder and lends them out one by one. Slots and bytes are kept and used again.</summary>
[Experimental("RLLM902")]
public sealed class EventBuffer : IEventDetails, IDisposable
{
    private Slot[] _slots = [];
    private int _count;
    private int _current = -1;
    private byte[] _bytes = [];
    private int _length;

    // Copied where another one comes, which is rare: replies of before keep what they have, on whichever thread they are made.
    private ReadOnlyCollection<Quirk> _quirks = ReadOnlyCollection<Quirk>.Empty;

    private RetainedBytes _citations;
    private RetainedBytes _tokens;

    /// <summary>Makes a buffer.</summary>
    public EventBuffer(DecoderOptions? options = null) => Options = options ?? DecoderOptions.Default;

    /// <summary>How tolerant the decoder is, and its bounds.</summary>
    public DecoderOptions Options { get; }

    /// <summary>Deviations that were tolerated so far, each once.</summary>
    public IReadOnlyList<Quirk> Quirks => _quirks;

    /// <summary>How many events have not been taken yet.</summary>
    public int Pending => _count - _current - 1;

    /// <summary>True once content was given: text, reasoning, a refusal, a picture, sound, or anything of a function call.</summary>
    public bool HasContent { get; private set; }

    /// <summary>The event that the last <see cref="MoveNext"/> moved to; of kind <see cref="StreamEventKind.None"/> before it.</summary>
    public StreamEvent Current => At(this);

    /// <summary>What the full read of this frame finds out; null while nobody wants to know.</summary>
    internal FrameTrace? Trace { get; set; }

    /// <summary>Moves to the next event; when there is none, everything given so far is forgotten.</summary>
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

    /// <summary>True where whatever decodes lives as long as its events, so that it may lend them what it holds (<see cref="Lend"/>).</summary>
    internal bool MayLend { get; init; }

    /// <summary>Adds an event that has no bytes.</summary>
    public void Add(StreamEventKind kind, int choice = 0, int index = 0, string? id = null, string? name = null) =>
        Add(kind, choice, index, [], id, name);

    /// <summary>Adds an event and copies its bytes. Empty pieces of text, reasoning, refusal or arguments are no event.</summary>
    public void Add(StreamEventKind kind, int choice, int index, ReadOnlySpan<byte> utf8, string? id = null, string? name = null)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        Commit(kind, choice, index, utf8.Length, id, name);
    }

    /// <summary>Adds a copy of an event.</summary>
    public void Add(in StreamEvent source) => Add(source, source.Index);

    /// <summary>Adds a copy of an event that belongs to another part.</summary>
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
        slot.Object = (object?)source.Citation ?? (object?)source.Switch ?? (object?)source.LogProbs ?? source.StopMessage ?? source.Origin;
    }

    /// <summary>Room for the bytes of the next event, which <see cref="Commit"/> then adds.</summary>
    public Span<byte> Reserve(int most)
    {
        if (_bytes.Length - _length < most)
            Grow(most);
        return _bytes.AsSpan(_length, most);
    }

    /// <summary>What was written into <see cref="Reserve"/>'s room and not added as an event.</summary>
    internal ReadOnlySpan<byte> Scratch(int start, int length) => _bytes.AsSpan(_length + start, length);

    /// <summary>Adds an event whose bytes were written into <see cref="Reserve"/>'s room.</summary>
    public void Commit(StreamEventKind kind, int choice, int index, int length, string? id = null, string? name = null)
    {
        if (kind is >= StreamEventKind.Text and <= StreamEventKind.ToolCall)
        {
            if (length == 0 && kind is not (StreamEventKind.ToolCallStarted or StreamEventKind.ToolCall))
                return;
            HasContent = true;
        }
        HasContent |= kind is StreamEventKind.Media or StreamEventKind.Transcript;
        // Only pieces are predicted. One that is held back gives no event, and another one would be taken for it.
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

    /// <summary>Adds an event whose bytes do not change until it was taken, and need not be copied if that is allowed here.</summary>
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

    /// <summary>Content was given past this buffer.</summary>
    internal void SayContent() => HasContent = true;

    /// <summary>Passes over the value of the property that the reader stands on: whatever it holds, it means nothing here.</summary>
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

    /// <summary>Says that the frame changed nothing but what its one piece changes (<see cref="FrameTrace.IsRepeatable"/>).</summary>
    internal void SayRepeatable()
    {
        if (Trace is { } trace)
            trace.IsRepeatable = true;
    }

    /// <summary>Adds the end of a choice.</summary>
    /// <param name="choice">Which one.</param>
    /// <param name="reason">Why it ended.</param>
    /// <param name="raw">The service's own word for it.</param>
    /// <param name="message">What the service says of it.</param>
    public void Stop(int choice, StopReason reason, string? raw, string? message = null)
    {
        ref var slot = ref NewSlot();
        slot.Kind = StreamEventKind.Stop;
        slot.Choice = choice;
        slot.StopReason = reason;
        slot.Raw = raw;
        slot.Object = message;
    }

    /// <summary>Adds what the answer used.</summary>
    public void Usage(Usage usage)
    {
        ref var slot = ref NewSlot();
        slot.Kind = StreamEventKind.Usage;
        slot.Usage = usage;
    }

    /// <summary>Adds a source that is cited.</summary>
    public void Cite(int choice, int index, Citation citation)
    {
        ArgumentNullException.ThrowIfNull(citation);
        Add(StreamEventKind.Citation, choice, index, citation.Json.Utf8);
        _slots[_count - 1].Object = citation;
    }

    /// <summary>Adds how likely some tokens were.</summary>
    internal void GiveLogProbs(int choice, int index, ReadOnlySpan<byte> json, LogProbs logProbs)
    {
        Add(StreamEventKind.LogProbs, choice, index, json);
        _slots[_count - 1].Object = logProbs;
    }

    /// <summary>Counts what a token takes beside its JSON.</summary>
    /// <inheritdoc cref="RetainedBytes.Add" path="/exception"/>
    internal void CountToken(int bytes) => _tokens.Add(bytes, this);

    /// <summary>Adds a seam.</summary>
    internal void Switch(StreamSwitch seam)
    {
        ref var slot = ref NewSlot();
        slot.Kind = StreamEventKind.Switched;
        slot.Object = seam;
    }

    /// <summary>Counts what a citation takes beside its JSON, about 256 bytes: without it, millions of small ones would fit into one event.</summary>
    /// <inheritdoc cref="RetainedBytes.Add" path="/exception"/>
    internal void CountCitation() => _citations.Add(256, this);

    /// <summary>Records a deviation that was tolerated; each is kept once.</summary>
    /// <exception cref="LlmException">Decoding is strict.</exception>
    public void Note(QuirkKind kind, string place)
    {
        if (Options.Strict)
            ThrowStrict(kind, place);
        Record(new Quirk(kind, place));
    }

    /// <summary>Records what is not a fault of the service, such as what was left out of the request; never an error.</summary>
    internal void Record(Quirk quirk)
    {
        if (!_quirks.Contains(quirk))
            _quirks = new([.. _quirks, quirk]);
    }

    /// <summary>The error for a deviation where decoding is strict.</summary>
    internal static LlmException Refuse(QuirkKind kind, string place) =>
        new(LlmErrorKind.MalformedResponse, $"Strict decoding: {kind} at {place}.") { Phase = LlmPhase.Streaming };

    /// <summary>Gives slots and bytes back while no event is in them, so that a waiting stream holds none.</summary>
    internal void ReleaseIfEmpty()
    {
        if (_count > 0)
            return;
        ReturnSlots();
        ReturnBytes();
    }

    /// <summary>Gives the pooled bytes back; a second call does nothing.</summary>
    public void Dispose()
    {
        _count = _length = 0;
        _current = -1;
        ReturnSlots();
        ReturnBytes();
    }

    /// <summary>The event that the last <see cref="MoveNext"/> moved to, with what a reader of frames knows of it beside.</summary>
    internal StreamEvent At(IEventDetails details)
    {
        if (_current < 0)
            return default;
        ref readonly var slot = ref _slots[_current];
        return new StreamEvent(slot.Kind, slot.Choice, slot.Index, (slot.Lent ?? _bytes).AsSpan(slot.Start, slot.Length), details);
    }

    string? IEventDetails.Id => Taken.Id;

    string? IEventDetails.Name => Taken.Name;

    Usage? IEventDetails.Usage => Taken.Usage;

    StopReason IEventDetails.StopReason => Taken.StopReason;

    string? IEventDetails.RawStopReason => Taken.Raw;

    string? IEventDetails.StopMessage => Taken is { Kind: StreamEventKind.Stop, Object: string message } ? message : null;

    Citation? IEventDetails.Citation => Taken.Object as Citation;

    LogProbs? IEventDetails.LogProbs => Taken.Object as LogProbs;

    StreamSwitch? IEventDetails.Switch => Taken.Object as StreamSwitch;

    string? IEventDetails.Origin => Taken is { Kind: not StreamEventKind.Stop, Object: string origin } ? origin : null;

    ReadOnlySpan<byte> IEventDetails.Frame => default;

    private Slot Taken => (uint)_current < (uint)_slots.Length ? _slots[_current] : default;

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

    // Cleared, so that the pool keeps nothing alive and the next one finds it empty.
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

    private void Grow(int most)
    {
        byte[] larger = ByteArrays.Rent(Math.Max(512, AnswerErrors.Grown(_bytes.Length, _length + (long)most)));
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
        // A citation, a seam, how likely tokens were, the origin of what a service wants back, or what it says of the end.
        public object? Object;
    }
}
