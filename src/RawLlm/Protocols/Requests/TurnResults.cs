namespace RawLlm.Protocols;

/// <summary>Goes over the results of functions in one turn of the user.</summary>
internal ref struct TurnResults(MessageTurns turns, WireRequest wire, IReadOnlyList<Message> messages, int start, int end)
{
    private int _message = start;
    private int _part = -1;
    private bool _isBehind;

    /// <summary>The result that is to be written now.</summary>
    public readonly ToolResultPart Current => (ToolResultPart)messages[_message].Parts[_part];

    /// <summary>Goes on to the next one; that it stood behind something else is noted.</summary>
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
