namespace RawLlm.Protocols;

/// <summary>Where the bytes of a message, a turn or a tool are in a kept body, and what they were written from.</summary>
internal struct KeptPlace
{
    /// <summary>
    /// The message, the first message of the turn, the tool or the text; null for something that can never be found again.
    /// </summary>
    public object? Source;

    /// <summary>The index of the source in its request.</summary>
    public int Index;

    /// <summary>The range of the bytes, without the comma before them.</summary>
    public int Start;
    public int End;

    /// <summary>The witnesses: every immutable object that the bytes were written from (<see cref="KeptBody"/>).</summary>
    public int Witness;
    public int WitnessCount;

    /// <summary>What else the bytes depend on. On one wire, each number always has the same meaning.</summary>
    public int Variant;

    /// <summary>Whether the bytes also depend on earlier messages.</summary>
    public bool IsDependent;

    /// <summary>Whether the bytes depend on something that cannot be checked, so that they are written again each time.</summary>
    public bool IsUnreusable;

    /// <summary>The quirks recorded while the bytes were written.</summary>
    public Quirk[]? Quirks;
}
