using System.Text;

namespace RawLlm.Protocols;

/// <summary>Strings that come again in many answers: names of models and functions, reasons to stop. Thread-safe.</summary>
/// <remarks>
/// Holds at most 256 short strings; a new one takes the place of one with the same hash, so that whatever servers send, it does not grow.
/// </remarks>
internal static class KnownText
{
    private const int Longest = 64;

    private static readonly string?[] Slots = new string?[256];

    /// <summary>The text as a string, the same one as before where it is known.</summary>
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
