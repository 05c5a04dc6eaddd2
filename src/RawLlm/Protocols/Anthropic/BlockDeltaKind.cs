namespace RawLlm.Protocols;

/// <summary>What a delta of a content block adds to.</summary>
internal enum BlockDeltaKind
{
    /// <summary>A type that is not known here; it can matter only to a block that is kept whole.</summary>
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
