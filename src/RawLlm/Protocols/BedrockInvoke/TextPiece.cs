namespace RawLlm.Protocols;

/// <summary>The members of one object that belong to one text.</summary>
internal ref struct TextPiece
{
    public JsonText Text;
    public JsonText Stop;

    /// <summary>The index beside the text; -1 for none.</summary>
    public int Index;

    /// <summary>Whether that index distinguishes one text from another.</summary>
    public bool IsNumbered;

    public bool IsStopped;
}
