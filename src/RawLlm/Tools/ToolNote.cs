namespace RawLlm;

/// <summary>What becomes of a call, on its way to whoever reads the stream.</summary>
internal readonly record struct ToolNote(ToolEventKind Kind, ToolCall Call, ToolInvocation? Invocation);
