namespace RawLlm;

/// <summary>What a service counts where it says which part of its answer a source bears out.</summary>
internal enum CitedUnit
{
    /// <summary>It does not say where.</summary>
    None,

    /// <summary>Characters of the part's text.</summary>
    Characters,

    /// <summary>Bytes of UTF-8 of all text of the choice, from its beginning on.</summary>
    Bytes,

    /// <summary>Nothing: the whole part is meant.</summary>
    Part,
}
