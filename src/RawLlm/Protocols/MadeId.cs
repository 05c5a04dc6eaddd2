namespace RawLlm.Protocols;

/// <summary>Ids for function calls that a service gave none.</summary>
internal static class MadeId
{
    /// <summary>Nine letters and digits, which every service takes as the id of a result; the same bytes always give the same id.</summary>
    /// <param name="seed">From <see cref="Seed"/>: differs from answer to answer.</param>
    /// <param name="choice">Which of several answers side by side.</param>
    /// <param name="part">The number of the call's part.</param>
    public static string Create(uint seed, int choice, int part)
    {
        const string Digits = "abcdefghijklmnopqrstuvwxyz0123456789";
        Span<char> id = stackalloc char[9];
        ulong state = seed + ((ulong)choice << 40) + ((ulong)part << 32) + 0x9E3779B97F4A7C15;
        for (int i = 0; i < id.Length; i++)
        {
            state = (state ^ (state >> 31)) * 0xBF58476D1CE4E5B9;
            id[i] = Digits[(int)(state >> 33) % Digits.Length];
        }
        return new string(id);
    }

    /// <summary>A seed from the first bytes of an answer.</summary>
    public static uint Seed(ReadOnlySpan<byte> data)
    {
        uint hash = 2166136261;
        foreach (byte b in data[..Math.Min(data.Length, 512)])
            hash = (hash ^ b) * 16777619;
        return hash;
    }
}
