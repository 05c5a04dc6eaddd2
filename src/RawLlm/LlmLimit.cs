using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The limit of <see cref="LlmLimits"/> that was reached. Values are added with the limits.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LlmLimit>))]
public enum LlmLimit
{
    /// <summary>The size of the response's headers (<see cref="LlmLimits.ResponseHeaderBytes"/>).</summary>
    ResponseHeaders,

    /// <summary>The size of a whole answer's body (<see cref="LlmLimits.ReplyBytes"/>).</summary>
    ReplyBytes,

    /// <summary>The size of one event of a stream (<see cref="LlmLimits.EventBytes"/>).</summary>
    EventBytes,

    /// <summary>The size of a whole stream (<see cref="LlmLimits.StreamBytes"/>).</summary>
    StreamBytes,

    /// <summary>How much a body may grow when it is decompressed (<see cref="LlmLimits.DecompressionRatio"/>).</summary>
    DecompressionRatio,

    /// <summary>The nesting depth of JSON (<see cref="LlmLimits.JsonDepth"/>).</summary>
    JsonDepth,

    /// <summary>The number of choices (<see cref="LlmLimits.Choices"/>).</summary>
    Choices,

    /// <summary>The number of parts of one answer (<see cref="LlmLimits.ContentBlocks"/>).</summary>
    ContentBlocks,

    /// <summary>The number of tool calls of one choice (<see cref="LlmLimits.ToolCalls"/>).</summary>
    ToolCalls,

    /// <summary>The size of one tool call's arguments (<see cref="LlmLimits.ToolArgumentBytes"/>).</summary>
    ToolArgumentBytes,

    /// <summary>The size of the arguments of all tool calls together (<see cref="LlmLimits.AllToolArgumentBytes"/>).</summary>
    AllToolArgumentBytes,
}
