namespace RawLlm.Protocols;

/// <summary>The prompt caching marks of chat completions, which few services accept.</summary>
internal readonly struct ChatCacheMarks(ChatCompletionsProtocol dialect, JsonWriter json)
{
    private const string Place = "messages[].content[].cache_control";

    /// <summary>Whether any of the parts has a mark that is sent.</summary>
    public bool AreIn(IReadOnlyList<Part> parts)
    {
        if (!dialect.SupportsCacheMarks)
            return false;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is { Cache: not null })
                return true;
        }
        return false;
    }

    /// <summary>Writes the mark of a part, if it has one.</summary>
    public void Write(Part part) => CacheControl.Write(json, part.Cache, dialect.SupportsCacheMarks, Place);

    /// <summary>Records that a part is sent without its mark, because there is no place for it.</summary>
    public void LeaveOut(Part part)
    {
        if (part.Cache is not null)
            json.Wire.Note(QuirkKind.LeftOut, Place);
    }
}
