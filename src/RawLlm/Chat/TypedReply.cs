namespace RawLlm;

/// <summary>A whole answer and the value that was read from it.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Reply">The answer; its <see cref="ChatReply.Quirks"/> include those of reading the value.</param>
public sealed record TypedReply<T>(T Value, ChatReply Reply);
