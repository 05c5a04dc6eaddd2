namespace RawLlm;

/// <summary>A whole answer that was read as a value.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Reply">The answer that it was read from; its <see cref="ChatReply.Quirks"/> hold those of the reading too.</param>
public sealed record TypedReply<T>(T Value, ChatReply Reply);
