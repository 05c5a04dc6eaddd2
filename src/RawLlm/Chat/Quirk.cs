namespace RawLlm;

/// <summary>A tolerated deviation from the wire's specification, or a change to the request, and its place.</summary>
/// <param name="Kind">The kind of deviation.</param>
/// <param name="Place">The place, in the wire's own names, such as <c>choices[].delta</c>.</param>
public readonly record struct Quirk(QuirkKind Kind, string Place)
{
    /// <summary>Returns the kind and the place.</summary>
    public override string ToString() => $"{Kind.ToString()} at {Place}";
}
