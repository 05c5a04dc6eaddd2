namespace RawLlm.Protocols;

/// <summary>Enumerates the tool results in one user turn.</summary>
internal ref struct TurnResults(MessageTurns turns, WireRequest wire, IReadOnlyList<Message> messages, int start, int end)
{
    private int _message = start;
    private int _part = -1;
    private bool _isBehind;

    /// <summary>The result to write now.</summary>
    public readonly ToolResultPart Current => (ToolResultPart)messages[_message].Parts[_part];

    /// <summary>Moves to the next result, and records a quirk if it came after something else.</summary>
    /// <returns>False at the end.</returns>
    public bool MoveNext()
    {
        for (; _message < end; _message++, _part = -1)
        {
            if (turns.IsPassedOver(messages, _message))
                continue;
            var parts = messages[_message].Parts;
            while (++_part < parts.Count)
            {
                if (parts[_part] is ToolResultPart)
                {
                    if (_isBehind)
                        wire.Note(QuirkKind.Adapted, "messages[].content[]");
                    return true;
                }
                _isBehind = true;
            }
        }
        return false;
    }
}
