namespace RawLlm.Protocols;

/// <summary>The marks for the prompt cache on chat completions, which few services take.</summary>
internal readonly struct ChatCacheMarks(ChatCompletionsProtocol dialect, JsonWriter json)
{
    private const string Place = "messages[].content[].cache_control";

    /// <summary>Whether any of some parts has a mark that goes out.</summary>
    public bool AreIn(IReadOnlyList<Part> parts)
    {
        if (!dialect.TakesCacheMarks)
            return false;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is { Cache: not null })
                return true;
        }
        return false;
    }

    /// <summary>Writes the mark of a part, if it has one.</summary>
    public void Write(Part part) => CacheControl.Write(json, part.Cache, dialect.TakesCacheMarks, Place);

    /// <summary>Says that a part goes out where there is no place for its mark.</summary>
    public void LeaveOut(Part part)
    {
        if (part.Cache is not null)
            json.Wire.Note(QuirkKind.LeftOut, Place);
    }
}
