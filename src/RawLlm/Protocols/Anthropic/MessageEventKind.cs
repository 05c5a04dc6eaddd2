namespace RawLlm.Protocols;

/// <summary>The events of the Messages wire.</summary>
internal enum MessageEventKind
{
    /// <summary>No type.</summary>
    None,

    /// <summary>An unknown type: new ones may be added to the wire at any time.</summary>
    Other,

    /// <summary><c>ping</c>.</summary>
    Ping,

    /// <summary><c>message_start</c>.</summary>
    MessageStart,

    /// <summary><c>content_block_start</c>.</summary>
    BlockStart,

    /// <summary><c>content_block_delta</c>.</summary>
    BlockDelta,

    /// <summary><c>content_block_stop</c>.</summary>
    BlockStop,

    /// <summary><c>message_delta</c>.</summary>
    MessageDelta,

    /// <summary><c>message_stop</c>.</summary>
    MessageStop,

    /// <summary><c>message</c>: a whole answer.</summary>
    Message,

    /// <summary><c>error</c>.</summary>
    Error,
}
