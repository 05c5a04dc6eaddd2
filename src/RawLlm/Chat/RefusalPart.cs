namespace RawLlm;

/// <summary>The words with which the model declined.</summary>
/// <param name="Text">The model's explanation.</param>
public sealed record RefusalPart(string Text) : Part;
