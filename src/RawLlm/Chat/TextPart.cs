namespace RawLlm;

/// <summary>Text, said or shown.</summary>
/// <param name="Text">The text; may be empty.</param>
public sealed record TextPart(string Text) : Part;
