using System.Buffers.Binary;

namespace RawLlm.Framing;

/// <summary>The CRC-32 of IEEE 802.3 for any processor, eight bytes per step with eight tables.</summary>
internal static class Crc32Tables
{
    private const int Stride = 8;
    private const int TableLength = 256;

    // Table k holds the contribution of a byte that is followed by k zero bytes.
    private static readonly uint[] Tables = CreateTables();

    /// <summary>Computes a checksum.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<uint> tables = Tables;
        var t0 = tables.Slice(0 * TableLength, TableLength);
        var t1 = tables.Slice(1 * TableLength, TableLength);
        var t2 = tables.Slice(2 * TableLength, TableLength);
        var t3 = tables.Slice(3 * TableLength, TableLength);
        var t4 = tables.Slice(4 * TableLength, TableLength);
        var t5 = tables.Slice(5 * TableLength, TableLength);
        var t6 = tables.Slice(6 * TableLength, TableLength);
        var t7 = tables.Slice(7 * TableLength, TableLength);
        while (bytes.Length >= Stride)
        {
            ulong step = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ crc;
            crc =
                t7[(byte)step]
                ^ t6[(byte)(step >> 8)]
                ^ t5[(byte)(step >> 16)]
                ^ t4[(byte)(step >> 24)]
                ^ t3[(byte)(step >> 32)]
                ^ t2[(byte)(step >> 40)]
                ^ t1[(byte)(step >> 48)]
                ^ t0[(byte)(step >> 56)];
            bytes = bytes[Stride..];
        }
        foreach (byte b in bytes)
            crc = t0[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] CreateTables()
    {
        const uint Polynomial = 0xEDB88320;
        uint[] tables = new uint[Stride * TableLength];
        for (uint i = 0; i < TableLength; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++)
                entry = (entry >> 1) ^ (Polynomial & (0u - (entry & 1)));
            tables[i] = entry;
        }
        for (int i = TableLength; i < tables.Length; i++)
        {
            uint before = tables[i - TableLength];
            tables[i] = tables[(byte)before] ^ (before >> 8);
        }
        return tables;
    }
}
