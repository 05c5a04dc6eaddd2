namespace RawLlm.Testing;

/// <summary>A kind of step in the delivery of a response body.</summary>
internal enum BodyStepKind
{
    /// <summary>Bytes arrive; a read never returns bytes of two steps.</summary>
    Bytes,

    /// <summary>The body stays silent for a while.</summary>
    Wait,

    /// <summary>The body stays silent until the reader gives up.</summary>
    WaitForever,

    /// <summary>The read fails.</summary>
    Fail,
}
