namespace RawLlm.Protocols;

/// <summary>Where in a kept body the bytes of a message, of a turn or of a function stand, and what they were written from.</summary>
internal struct KeptPlace
{
    /// <summary>The message, the first one of the turn, the function or the text; null for what can never be found again.</summary>
    public object? Source;

    /// <summary>Where in its request the source stood.</summary>
    public int Index;

    /// <summary>The bytes, without the comma before them.</summary>
    public int Start;
    public int End;

    /// <summary>The witnesses: everything immutable that the bytes were written from (<see cref="KeptBody"/>).</summary>
    public int Witness;
    public int WitnessCount;

    /// <summary>What else the bytes depend on; the same wire gives each number the same meaning.</summary>
    public int Variant;

    /// <summary>True for bytes that also depend on the messages before them.</summary>
    public bool IsDependent;

    /// <summary>True for bytes that depend on what cannot be checked, so that they are written anew each time.</summary>
    public bool IsSpoiled;

    /// <summary>What was noted while they were written.</summary>
    public Quirk[]? Quirks;
}
