namespace RawLlm.Protocols;

/// <summary>The content that a delta of a content block adds to.</summary>
internal enum BlockDeltaKind
{
    /// <summary>An unknown type; it matters only to a block that is kept whole.</summary>
    Other,

    /// <summary><c>text_delta</c>.</summary>
    Text,

    /// <summary><c>thinking_delta</c>.</summary>
    Thinking,

    /// <summary><c>input_json_delta</c>.</summary>
    InputJson,

    /// <summary><c>signature_delta</c>.</summary>
    Signature,

    /// <summary><c>citations_delta</c>.</summary>
    Citations,
}
