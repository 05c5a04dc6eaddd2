namespace RawLlm.Protocols;

/// <summary>Decides what remains of a part that only its wire understands when it goes back to the service that sent it.</summary>
/// <param name="part">The part, whose data is the service's own.</param>
/// <param name="messages">The conversation.</param>
/// <param name="message">The index of the message that contains it.</param>
/// <param name="place">Its index in the message.</param>
/// <param name="request">The request being written.</param>
internal delegate TurnPart OpaqueRemains(OpaquePart part, IReadOnlyList<Message> messages, int message, int place, WireRequest request);
