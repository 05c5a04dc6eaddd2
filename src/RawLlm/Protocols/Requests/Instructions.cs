namespace RawLlm.Protocols;

/// <summary>Goes over the instructions of a conversation, wherever in it they stand, for wires that have one place for them.</summary>
/// <param name="messages">The conversation.</param>
/// <param name="wire">Where it is noted that some stood behind other messages.</param>
/// <param name="place">Where they go.</param>
internal ref struct Instructions(IReadOnlyList<Message> messages, WireRequest wire, string place)
{
    private int _message;
    private int _part = -1;
    private bool _isBehind;

    /// <summary>The text that is to be written now.</summary>
    public readonly TextPart Current => (TextPart)messages[_message].Parts[_part];

    /// <summary>Goes on to the next one.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="ArgumentException">A message is null, or instructions hold something else than text.</exception>
    public bool MoveNext()
    {
        for (; _message < messages.Count; _message++, _part = -1)
        {
            var message = messages[_message];
            if (message?.Parts is null)
                RequestErrors.ThrowNoMessage();
            if (message.Role != Role.System)
            {
                _isBehind = true;
                continue;
            }
            // In the middle of a conversation they have no place of their own.
            if (_isBehind && _part < 0)
                wire.Note(QuirkKind.Adapted, place);
            if (++_part == message.Parts.Count)
                continue;
            if (message.Parts[_part] is not TextPart)
                RequestErrors.ThrowPart(message.Parts[_part], Role.System);
            return true;
        }
        return false;
    }
}
