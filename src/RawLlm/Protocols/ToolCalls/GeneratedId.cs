using System.Buffers.Binary;

namespace RawLlm.Protocols;

/// <summary>Creates IDs for tool calls that have none.</summary>
internal static class GeneratedId
{
    /// <summary>
    /// Returns nine letters and digits, which every service accepts as the ID of a tool result. The same input always returns the same ID.
    /// </summary>
    /// <param name="seed">From <see cref="Seed"/>: differs from answer to answer.</param>
    /// <param name="choice">The number of the choice.</param>
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

    /// <summary>Returns a seed from the first bytes of an answer.</summary>
    public static uint Seed(ReadOnlySpan<byte> data)
    {
        // Eight bytes at a time. Byte by byte, each multiplication waits for the one before, which took a quarter of the time for a
        // stream's first chunk.
        ulong hash = 0x9E3779B97F4A7C15;
        data = data[..Math.Min(data.Length, 512)];
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte b in data)
            hash = Mix(hash ^ b);
        return (uint)(hash >> 32);
    }

    private static ulong Mix(ulong state)
    {
        state *= 0xBF58476D1CE4E5B9;
        return state ^ (state >> 32);
    }
}
