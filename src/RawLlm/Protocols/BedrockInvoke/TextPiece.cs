namespace RawLlm.Protocols;

/// <summary>What one object says of one text.</summary>
internal ref struct TextPiece
{
    public JsonText Text;
    public JsonText Stop;

    /// <summary>The number that stands beside it; -1 for none.</summary>
    public int Index;

    /// <summary>True where that number tells one text from another.</summary>
    public bool IsNumbered;

    public bool IsStopped;
}
