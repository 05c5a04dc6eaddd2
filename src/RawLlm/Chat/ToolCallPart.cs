using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A tool call as a part of the model's message.</summary>
/// <param name="Call">The call.</param>
[JsonConverter(typeof(PartConverter<ToolCallPart>))]
public sealed record ToolCallPart(ToolCall Call) : Part;
