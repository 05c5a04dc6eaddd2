namespace RawLlm;

/// <summary>The unit in which a service says which part of its answer a source supports.</summary>
internal enum CitedUnit
{
    /// <summary>The service does not say where.</summary>
    None,

    /// <summary>Characters of the part's text.</summary>
    Characters,

    /// <summary>UTF-8 bytes of all text of the choice, from its start.</summary>
    Bytes,

    /// <summary>None: the whole part is meant.</summary>
    Part,
}
