using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Which bound of <see cref="LlmLimits"/> was reached. Values are added with the bounds.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LlmLimit>))]
public enum LlmLimit
{
    /// <summary>The response's headers.</summary>
    ResponseHeaders,

    /// <summary>The body of a whole answer.</summary>
    ReplyBytes,

    /// <summary>One event of a stream.</summary>
    EventBytes,

    /// <summary>A whole stream.</summary>
    StreamBytes,

    /// <summary>How far a body may grow when it is decompressed.</summary>
    DecompressionRatio,

    /// <summary>How deep JSON may be nested.</summary>
    JsonDepth,

    /// <summary>Answers side by side.</summary>
    Choices,

    /// <summary>Parts of one answer.</summary>
    ContentBlocks,

    /// <summary>Function calls of one answer.</summary>
    ToolCalls,

    /// <summary>The arguments of one function call.</summary>
    ToolArgumentBytes,

    /// <summary>The arguments of all function calls of one answer together.</summary>
    AllToolArgumentBytes,
}
