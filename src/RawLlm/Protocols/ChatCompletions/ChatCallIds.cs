namespace RawLlm.Protocols;

/// <summary>Writes tool call IDs in the form that a chat completions service accepts.</summary>
internal readonly struct ChatCallIds(ChatCompletionsProtocol dialect, JsonWriter json)
{
    /// <summary>Writes an ID as a member: unchanged, or replaced by one that the service accepts.</summary>
    public void Write(ReadOnlySpan<byte> member, string id)
    {
        json.WriteName(member);
        json.StartText();
        Append(id);
        json.EndText();
    }

    /// <summary>Appends the same ID to a text.</summary>
    public void Append(string id)
    {
        int length = dialect.ToolCallIdLength;
        if (id is not null && length <= 0 && dialect.MaxToolCallIdLength is > 0 and var maxLength && id.Length > maxLength)
        {
            json.Wire.Note(QuirkKind.Adapted, "messages[].tool_calls[].id");
            json.AppendText(CallIds.Replacement(id), "messages[].tool_calls[].id");
            return;
        }
        if (length <= 0 || id is null || Fits(id, length))
        {
            json.AppendText(id!, "messages[].tool_calls[].id");
            return;
        }
        json.Wire.Note(QuirkKind.Adapted, "messages[].tool_calls[].id");
        Span<byte> made = length <= 64 ? stackalloc byte[64] : new byte[length];
        made = made[..length];
        MakeId(id, made);
        json.Append(made);
    }

    private static bool Fits(string id, int length)
    {
        if (id.Length != length)
            return false;
        foreach (char c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c))
                return false;
        }
        return true;
    }

    // The same ID always gives the same letters, so a call and its result match without a table (FNV-1a, then splitmix64).
    private static void MakeId(string id, Span<byte> letters)
    {
        ulong seed = 14695981039346656037;
        foreach (char c in id)
            seed = (seed ^ c) * 1099511628211;
        foreach (ref byte letter in letters)
        {
            seed += 0x9E3779B97F4A7C15;
            ulong mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            letter = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8[(int)((mixed ^ (mixed >> 31)) % 62)];
        }
    }
}
