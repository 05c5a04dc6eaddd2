namespace RawLlm;

/// <summary>A function call as a part of the model's message.</summary>
/// <param name="Call">The call.</param>
public sealed record ToolCallPart(ToolCall Call) : Part;
