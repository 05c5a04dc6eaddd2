namespace RawLlm.Protocols;

/// <summary>What is left of a part that only its wire understands, where it goes back to the service that gave it.</summary>
/// <param name="part">The part, whose data is the service's own.</param>
/// <param name="messages">The conversation.</param>
/// <param name="message">The number of the message that holds it.</param>
/// <param name="place">Its number in the message.</param>
/// <param name="request">The request that is written.</param>
internal delegate TurnPart OpaqueRemains(OpaquePart part, IReadOnlyList<Message> messages, int message, int place, WireRequest request);
