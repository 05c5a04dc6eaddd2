namespace RawLlm;

/// <summary>The kinds of <see cref="ReplyFormat"/>.</summary>
public enum ReplyFormatKind
{
    /// <summary>Free text.</summary>
    Text,

    /// <summary>Any JSON object.</summary>
    Json,

    /// <summary>JSON that fits a schema.</summary>
    JsonSchema,
}
