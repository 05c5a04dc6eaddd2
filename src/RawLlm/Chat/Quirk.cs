namespace RawLlm;

/// <summary>A deviation from the wire's specification that was tolerated, and where it stood.</summary>
/// <param name="Kind">What was odd.</param>
/// <param name="Place">Where, in the wire's own names, such as <c>choices[].delta</c>.</param>
public readonly record struct Quirk(QuirkKind Kind, string Place)
{
    /// <summary>Kind and place.</summary>
    public override string ToString() => $"{Kind} at {Place}";
}
