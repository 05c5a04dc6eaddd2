namespace RawLlm.Protocols;

/// <summary>Enumerates the instructions that are sent before a conversation, wherever they are in it.</summary>
/// <param name="messages">The conversation.</param>
/// <param name="wire">Records that instructions came after other messages.</param>
/// <param name="place">The place of the instructions on the wire, for the quirk.</param>
/// <param name="turns">The turns of the conversation, on a wire that takes later instructions.</param>
internal ref struct Instructions(IReadOnlyList<Message> messages, WireRequest wire, string place, MessageTurns turns = default)
{
    private int _message;
    private int _part = -1;
    private bool _isBehind;

    /// <summary>The text to write now.</summary>
    public readonly TextPart Current => (TextPart)messages[_message].Parts[_part];

    /// <summary>Moves to the next text.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="ArgumentException">A message is null, or instructions contain something other than text.</exception>
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
            if (_isBehind && _part < 0 && turns.Keeps(messages, _message))
                continue;
            // The wire has no place for these in the conversation.
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
