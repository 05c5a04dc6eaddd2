namespace RawLlm.Protocols;

/// <summary>A range of a template's bytes that may differ in the next frame.</summary>
internal readonly record struct TemplateHole(HoleKind Kind, ushort Start, ushort End);
