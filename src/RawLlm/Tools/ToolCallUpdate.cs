namespace RawLlm;

/// <summary>The progress of a call, on its way to the reader of the stream.</summary>
internal readonly record struct ToolCallUpdate(ToolEventKind Kind, ToolCall Call, ToolInvocation? Invocation);
