namespace RawLlm.Protocols;

/// <summary>A range of a template's bytes that may differ in the next frame.</summary>
internal readonly struct TemplateHole(HoleKind kind, ushort start, ushort end)
{
    public HoleKind Kind { get; init; } = kind;

    public ushort Start { get; } = start;

    public ushort End { get; } = end;
}
