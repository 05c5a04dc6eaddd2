namespace RawLlm.Protocols;

/// <summary>Collects the events of one choice.</summary>
internal sealed class ChoiceBuilder(int index)
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

    public string? StopSequence { get; set; }

    public void Add(in StreamEvent e, int maxPartBytes)
    {
        var part = Find(e.Index);
        if (e.Kind == StreamEventKind.WireData)
        {
            part.Data = new WireData(e.Name ?? "", RawJson.FromChecked(e.Utf8.ToArray())) { Origin = e.Origin };
            return;
        }
        if (e.Kind == StreamEventKind.Transcript)
        {
            part.AppendTranscript(e.Utf8, maxPartBytes);
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
        if (e.Utf8.Length > maxPartBytes - part.Bytes.Length)
        {
            throw AnswerErrors.LimitExceeded(
                LlmLimit.StreamBytes,
                "A part of the answer exceeds the maximum length of a string. Lower LlmLimits.StreamBytes."
            );
        }

        if (part.Kind == StreamEventKind.Media && e.Name is { } type)
            part.Decode(e.Utf8, type);
        else
            part.Bytes.Write(e.Utf8);
    }

    public void Cite(Citation citation, int part) => (_citations ??= []).Add((part, citation));

    public void Add(LogProbs logProbs)
    {
        (_tokens ??= []).AddRange(logProbs.Tokens);
        // With tokens, the average contains nothing that they do not.
        if (logProbs.Tokens.Count == 0)
            _average = logProbs.Average;
    }

    public ChatChoice Build()
    {
        var parts = new Part[_parts.Count];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = _parts[i].Build();
        return new(index, new Message(Role.Assistant, parts), StopReason, RawStopReason)
        {
            StopMessage = StopMessage,
            StopSequence = StopSequence,
            Citations = Place(parts),
            LogProbs = _tokens is null ? null : new LogProbs(_tokens.ToArray()) { Average = _average },
        };
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
