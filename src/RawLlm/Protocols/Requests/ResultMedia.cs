namespace RawLlm.Protocols;

/// <summary>Pictures and files in results of functions, which not every wire takes there.</summary>
internal static class ResultMedia
{
    /// <summary>Whether the content of a result holds any.</summary>
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
