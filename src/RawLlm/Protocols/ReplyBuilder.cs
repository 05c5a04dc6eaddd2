using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Gathers the events of an answer, streamed or whole, into a <see cref="ChatReply"/>.</summary>
/// <remarks>For "print as it comes and keep the whole": add every event, then build. Not thread-safe.</remarks>
public sealed class ReplyBuilder
{
    // The characters that a string holds. Bytes that are no UTF-8 are mended to three each, so that a stream within its own bound can give more.
    private const int MostPartBytes = 0x3FFFFFDF;

    private readonly int _mostPartBytes;
    private readonly List<ChoiceBuilder> _choices = [];
    private string? _id;
    private string? _model;
    private Usage? _usage;
    private bool _isDone;
    private List<StreamSwitch>? _switches;

    /// <summary>Begins an answer.</summary>
    public ReplyBuilder()
        : this(MostPartBytes)
    {
    }

    internal ReplyBuilder(int mostPartBytes) => _mostPartBytes = mostPartBytes;

    /// <summary>True once content was added.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Adds an event.</summary>
    /// <exception cref="LlmException">A part of the answer is longer than a string can be: 1 GiB (<see cref="LlmErrorKind.LimitExceeded"/>).</exception>
    /// <exception cref="ArgumentException">An event of one's own of kind <see cref="StreamEventKind.Media"/> holds no base64, or its name is no media type.</exception>
    public void Add(in StreamEvent e)
    {
        switch (e.Kind)
        {
            case StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.Refusal or StreamEventKind.ToolCallStarted
                or StreamEventKind.ToolArguments or StreamEventKind.ToolCall or StreamEventKind.WireData or StreamEventKind.Media
                or StreamEventKind.Transcript:
                HasContent = true;
                Choice(e.Choice).Add(e, _mostPartBytes);
                break;
            case StreamEventKind.Citation when e.Citation is { } citation:
                Choice(e.Choice).Cite(citation, e.Index);
                break;
            case StreamEventKind.LogProbs when e.LogProbs is { } logProbs:
                Choice(e.Choice).Add(logProbs);
                break;
            case StreamEventKind.Stop:
                var choice = Choice(e.Choice);
                choice.StopReason = e.StopReason;
                choice.RawStopReason = e.RawStopReason;
                choice.StopMessage = e.StopMessage;
                break;
            case StreamEventKind.Usage:
                _usage = e.Usage;
                break;
            case StreamEventKind.Switched when e.Switch is { } seam:
                Switch(seam);
                break;
            case StreamEventKind.Done:
                _id = e.Id;
                _model = e.Name;
                _isDone = true;
                break;
        }
    }

    /// <summary>The answer so far; <see cref="ChatReply.IsComplete"/> tells whether it is whole.</summary>
    public ChatReply Build()
    {
        var choices = new List<ChatChoice>(Math.Max(1, _choices.Count));
        foreach (var choice in _choices)
            choices.Add(choice.Build());
        if (choices.Count == 0)
            choices.Add(new ChatChoice(0, new Message(Role.Assistant, []), StopReason.Unknown, null));
        return new ChatReply(_id, _model, choices, _usage) { IsComplete = _isDone, Switches = _switches is null ? [] : _switches.ToArray() };
    }

    /// <summary>The answer so far, with what its stream knows beside its events: quirks, cost, rate limits, request id, provider, failed attempts, and counts that no event carried.</summary>
    /// <param name="stream">The stream whose events were added; it may have ended or failed, and is not disposed yet.</param>
    public ChatReply Build(ChatStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reply = Build();
        return stream.Describe(reply with { Usage = reply.Usage ?? stream.Usage });
    }

    private void Switch(StreamSwitch seam)
    {
        (_switches ??= []).Add(seam);
        _usage = null;
        if (seam.IsContinued)
            return;
        _choices.Clear();
        HasContent = false;
    }

    private ChoiceBuilder Choice(int index)
    {
        foreach (var choice in _choices)
        {
            if (choice.Index == index)
                return choice;
        }
        var added = new ChoiceBuilder(index);
        int place = _choices.Count;
        while (place > 0 && _choices[place - 1].Index > index)
            place--;
        _choices.Insert(place, added);
        return added;
    }

    private sealed class ChoiceBuilder(int index)
    {
        private readonly List<PartBuilder> _parts = [];
        private PartBuilder? _last;
        private List<(int Part, Citation Citation)>? _citations;
        private List<TokenLogProb>? _tokens;
        private double? _average;

        public int Index => index;

        public StopReason StopReason { get; set; }

        public string? RawStopReason { get; set; }

        public string? StopMessage { get; set; }

        public void Add(in StreamEvent e, int most)
        {
            var part = Find(e.Index);
            if (e.Kind == StreamEventKind.WireData)
            {
                part.Data = new WireData(e.Name ?? "", RawJson.FromChecked(e.Utf8.ToArray())) { Origin = e.Origin };
                return;
            }
            if (e.Kind == StreamEventKind.Transcript)
            {
                part.Say(e.Utf8, most);
                return;
            }
            if (part.Kind is StreamEventKind.None or StreamEventKind.Transcript)
                part.Kind = e.Kind is StreamEventKind.ToolArguments or StreamEventKind.ToolCall ? StreamEventKind.ToolCallStarted : e.Kind;
            part.Id = e.Id ?? part.Id;
            part.Name = e.Name ?? part.Name;
            if (e.Kind == StreamEventKind.ToolCall)
            {
                part.IsComplete = true;
                part.Bytes.SetLength(0);
            }
            if (e.Utf8.Length > most - part.Bytes.Length)
                throw AnswerErrors.TooMuch(LlmLimit.StreamBytes, "A part of the answer is longer than a text can be. Lower LlmLimits.StreamBytes.");
            if (part.Kind == StreamEventKind.Media && e.Name is { } type)
                part.Decode(e.Utf8, type);
            else
                part.Bytes.Write(e.Utf8);
        }

        public void Cite(Citation citation, int part) => (_citations ??= []).Add((part, citation));

        public void Add(LogProbs logProbs)
        {
            (_tokens ??= []).AddRange(logProbs.Tokens);
            // Of its own tokens it says nothing that they do not.
            if (logProbs.Tokens.Count == 0)
                _average = logProbs.Average;
        }

        public ChatChoice Build()
        {
            var parts = new Part[_parts.Count];
            for (int i = 0; i < parts.Length; i++)
                parts[i] = _parts[i].Build();
            return new(index, new Message(Role.Assistant, parts), StopReason, RawStopReason) { StopMessage = StopMessage, Citations = Place(parts), LogProbs = _tokens is null ? null : new LogProbs(_tokens.ToArray()) { Average = _average } };
        }

        private Citation[] Place(Part[] parts)
        {
            if (_citations is null)
                return [];
            var text = new CitedText();
            var numbers = new Dictionary<int, int>(parts.Length);
            for (int i = 0; i < parts.Length; i++)
            {
                numbers[_parts[i].Index] = i;
                if (parts[i] is TextPart part)
                    text.Add(i, part.Text, _parts[i].Bytes.GetBuffer().AsMemory(0, (int)_parts[i].Bytes.Length));
            }
            var citations = new Citation[_citations.Count];
            for (int i = 0; i < citations.Length; i++)
                citations[i] = text.Place(_citations[i].Citation, numbers.TryGetValue(_citations[i].Part, out int part) ? part : null);
            return citations;
        }

        private PartBuilder Find(int partIndex)
        {
            if (_last?.Index == partIndex)
                return _last;
            foreach (var part in _parts)
            {
                if (part.Index == partIndex)
                    return _last = part;
            }
            int place = _parts.Count;
            while (place > 0 && _parts[place - 1].Index > partIndex)
                place--;
            _parts.Insert(place, _last = new PartBuilder { Index = partIndex });
            return _last;
        }
    }

    private sealed class PartBuilder
    {
        private MemoryStream? _said;

        public required int Index { get; init; }

        public StreamEventKind Kind { get; set; }

        public MemoryStream Bytes { get; } = new();

        public string? Id { get; set; }

        public string? Name { get; set; }

        public bool IsComplete { get; set; }

        public WireData? Data { get; set; }

        public void Say(ReadOnlySpan<byte> utf8, int most)
        {
            if (Kind == StreamEventKind.None)
                Kind = StreamEventKind.Transcript;
            _said ??= new MemoryStream();
            if (utf8.Length > most - _said.Length)
                throw AnswerErrors.TooMuch(LlmLimit.StreamBytes, "A part of the answer is longer than a text can be. Lower LlmLimits.StreamBytes.");
            _said.Write(utf8);
        }

        public void Decode(ReadOnlySpan<byte> base64, string type)
        {
            int start = (int)Bytes.Length;
            Bytes.SetLength(start + Base64.GetMaxDecodedFromUtf8Length(base64.Length));
            if (!MediaType.IsValid(type, "") || Base64.DecodeFromUtf8(base64, Bytes.GetBuffer().AsSpan(start), out int read, out int written) != OperationStatus.Done || read != base64.Length)
                throw new ArgumentException("An event of media holds base64, and its name is a media type.", nameof(base64));
            Bytes.SetLength(start + written);
            Bytes.Position = Bytes.Length;
        }

        public Part Build()
        {
            if (Kind == StreamEventKind.Transcript || (Kind == StreamEventKind.Media && Name is not null))
                return BuildMedia(Bytes.ToArray(), Name ?? "audio/pcm");
            string text = Encoding.UTF8.GetString(Bytes.GetBuffer(), 0, (int)Bytes.Length);
            return Kind switch
            {
                StreamEventKind.Text => new TextPart(text) { WireData = Data },
                StreamEventKind.Reasoning => new ReasoningPart(text) { WireData = Data },
                StreamEventKind.Refusal => new RefusalPart(text) { WireData = Data },
                StreamEventKind.Media => new ImagePart(new Uri(text, UriKind.RelativeOrAbsolute)) { WireData = Data },
                StreamEventKind.ToolCallStarted => new ToolCallPart(new ToolCall(Id ?? "", Name ?? "", text) { IsComplete = IsComplete }) { WireData = Data },
                _ => new OpaquePart(Data!),
            };
        }

        private Part BuildMedia(byte[] bytes, string type) => FileTypes.IsImage(type) ? new ImagePart(bytes, type) { WireData = Data } : new FilePart(bytes, type) { WireData = Data, Transcript = _said is null ? null : Encoding.UTF8.GetString(_said.GetBuffer(), 0, (int)_said.Length) };
    }
}
