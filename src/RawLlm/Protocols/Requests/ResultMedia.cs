namespace RawLlm.Protocols;

/// <summary>Images and files in tool results, which not every wire accepts there.</summary>
internal static class ResultMedia
{
    /// <summary>Whether the content of a tool result contains any.</summary>
    public static bool AreIn(IReadOnlyList<Part> content)
    {
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is ImagePart or FilePart)
                return true;
        }
        return false;
    }
}
