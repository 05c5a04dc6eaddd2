using System.Text;

namespace RawLlm.Protocols;

/// <summary>A cache of strings that recur in many answers, such as the names of models and tools, and stop reasons. Thread-safe.</summary>
/// <remarks>
/// Holds at most 256 short strings. A new string replaces one with the same hash, so the cache never grows, whatever servers send.
/// </remarks>
internal static class StringCache
{
    private const int Longest = 64;

    private static readonly string?[] Slots = new string?[256];

    /// <summary>Returns the text as a string: the cached instance if there is one.</summary>
    public static string Get(in JsonText text)
    {
        if (text.IsEscaped || text.Raw.Length is 0 or > Longest)
            return text.ToString();
        ref string? slot = ref Slots[Hash(text.Raw)];
        string? known = slot;
        // Ascii.Equals is false for anything beyond ASCII.
        if (known is not null && Ascii.Equals(text.Raw, known))
            return known;
        string made = text.ToString();
        slot = made;
        return made;
    }

    private static int Hash(ReadOnlySpan<byte> bytes)
    {
        uint hash = 2166136261;
        foreach (byte b in bytes)
            hash = (hash ^ b) * 16777619;
        return (int)((hash ^ (hash >> 16)) & 0xFF);
    }
}
