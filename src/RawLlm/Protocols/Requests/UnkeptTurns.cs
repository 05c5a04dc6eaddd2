namespace RawLlm.Protocols;

/// <summary>Enumerates the turns of a conversation that must be written; those that are in the kept request are copied.</summary>
/// <remarks>For wires where user and model alternate (<see cref="MessageTurns"/>).</remarks>
internal ref struct UnkeptTurns
{
    private readonly IReadOnlyList<Message> _messages;
    private readonly MessageTurns _turns;
    private readonly CacheMarks _marks;
    private readonly WireRequest _wire;
    private KeptRun _run;
    private int _next;
    private bool _isOpen;

    /// <summary>Starts the list. Only its elements may be written until the end.</summary>
    public UnkeptTurns(IReadOnlyList<Message> messages, MessageTurns turns, CacheMarks marks, JsonWriter json)
    {
        _messages = messages;
        _turns = turns;
        _marks = marks;
        _wire = json.Wire;
        _run = json.BeginKeptList(KeptList.Messages);
    }

    /// <summary>The index of the turn's first message.</summary>
    public int Start { get; private set; }

    /// <summary>The index after its last message.</summary>
    public int End { get; private set; }

    /// <summary>Whether it is the model's turn.</summary>
    public bool IsAssistant { get; private set; }

    /// <summary>Moves to the next turn.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="ArgumentException">A message is null or has an unknown role.</exception>
    public bool MoveNext()
    {
        if (_isOpen)
            _run.Close();
        _isOpen = false;
        while (_next < _messages.Count)
        {
            int start = _next;
            int end = _turns.End(_messages, start, out bool isAssistant);
            _next = Math.Max(end, start + 1);
            if (end == 0 && isAssistant)
                _wire.Note(QuirkKind.LeftOut, "messages[]");
            if (end == 0 || _run.TryReuse(_messages, start, end, _marks.Start(start, end)))
                continue;
            (Start, End, IsAssistant) = (start, end, isAssistant);
            _isOpen = true;
            return true;
        }
        _run.Finish();
        return false;
    }
}
