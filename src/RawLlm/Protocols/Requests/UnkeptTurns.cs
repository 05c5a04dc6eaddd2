namespace RawLlm.Protocols;

/// <summary>Goes over the turns of a conversation that must be written; those that stood in the kept request before are copied.</summary>
/// <remarks>For wires where user and model must take turns (<see cref="MessageTurns"/>).</remarks>
internal ref struct UnkeptTurns
{
    private readonly IReadOnlyList<Message> _messages;
    private readonly MessageTurns _turns;
    private readonly CacheMarks _marks;
    private readonly WireRequest _wire;
    private KeptRun _kept;
    private int _next;
    private bool _isOpen;

    /// <summary>Begins the list; nothing but its elements may be written until it is at its end.</summary>
    public UnkeptTurns(IReadOnlyList<Message> messages, MessageTurns turns, CacheMarks marks, JsonWriter json)
    {
        _messages = messages;
        _turns = turns;
        _marks = marks;
        _wire = json.Wire;
        _kept = json.Keep(KeptList.Messages);
    }

    /// <summary>The first message of the turn.</summary>
    public int Start { get; private set; }

    /// <summary>Behind its last message.</summary>
    public int End { get; private set; }

    /// <summary>Whether it is the model's.</summary>
    public bool IsAssistant { get; private set; }

    /// <summary>Goes on to the next one.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="ArgumentException">A message is null or of no known role.</exception>
    public bool MoveNext()
    {
        if (_isOpen)
            _kept.Close();
        _isOpen = false;
        while (_next < _messages.Count)
        {
            int start = _next;
            int end = _turns.End(_messages, start, out bool isAssistant);
            _next = Math.Max(end, start + 1);
            if (end == 0 && isAssistant)
                _wire.Note(QuirkKind.LeftOut, "messages[]");
            if (end == 0 || _kept.Covers(_messages, start, end, _marks.Start(start, end)))
                continue;
            (Start, End, IsAssistant) = (start, end, isAssistant);
            _isOpen = true;
            return true;
        }
        _kept.Finish();
        return false;
    }
}
