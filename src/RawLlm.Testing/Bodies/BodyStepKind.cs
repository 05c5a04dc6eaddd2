namespace RawLlm.Testing;

/// <summary>What happens next to a body that is read.</summary>
internal enum BodyStepKind
{
    /// <summary>Bytes come; no read gives bytes of two steps.</summary>
    Bytes,

    /// <summary>Nothing comes for a while.</summary>
    Wait,

    /// <summary>Nothing comes until the reader gives up.</summary>
    WaitForever,

    /// <summary>The reading fails.</summary>
    Fail,
}
