using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmCrc32 = System.Runtime.Intrinsics.Arm.Crc32;

namespace RawLlm.Framing;

/// <summary>The CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320), with the processor's own instructions if available, otherwise with
/// <see cref="Crc32Tables"/>.</summary>
internal static class Crc32
{
    private const int Step = sizeof(ulong);
    private const int MinFolded = 32;

    /// <summary>Computes a checksum.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        if (ArmCrc32.Arm64.IsSupported)
            return ~Divide(bytes, uint.MaxValue);
        // 200 bytes take 27 ns with folding and 139 ns with tables (2026, Intel Xeon).
        if (Pclmulqdq.IsSupported && Ssse3.IsSupported)
        {
            if (bytes.Length >= MinFolded)
                return ~Fold(bytes);
            // The prelude of each message.
            if (bytes.Length == Step)
                return ~Reduce(Vector128.Create(0, BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ uint.MaxValue));
        }
        return Crc32Tables.Compute(bytes);
    }

    private static uint Divide(ReadOnlySpan<byte> bytes, uint crc)
    {
        while (bytes.Length >= Step)
        {
            crc = ArmCrc32.Arm64.ComputeCrc32(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[Step..];
        }
        foreach (byte b in bytes)
            crc = ArmCrc32.ComputeCrc32(crc, b);
        return crc;
    }

    // Sixteen bytes that are n bits before the end leave the same remainder as their halves times x^(n+32) and x^(n-32), reduced. So each
    // sixteen bytes are folded into the next until sixteen are left. Source: Intel, "Fast CRC Computation for Generic Polynomials Using
    // PCLMULQDQ Instruction" (2009).
    private static uint Fold(ReadOnlySpan<byte> bytes)
    {
        const int Block = 16;
        var by128 = Vector128.Create(0x1_751997d0UL, 0x0_ccaa009eUL);
        var by512 = Vector128.Create(0x1_54442bd4UL, 0x1_c6e41596UL);

        // Zeros before the first byte change nothing, so the first block is padded with them, and each block after it is complete. The
        // register's initial value, all ones, is added to the first four bytes, wherever they end up.
        ReadOnlySpan<byte> places =
        [
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0x80,
            0,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            9,
            10,
            11,
            12,
            13,
            14,
            15,
        ];
        ReadOnlySpan<byte> ones =
        [
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xFF,
            0xFF,
            0xFF,
            0xFF,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
        ];
        int odd = bytes.Length % Block;
        var first = (Ssse3.Shuffle(Vector128.Create(bytes), Vector128.Create(places[odd..])) ^ Vector128.Create(ones[odd..])).AsUInt64();
        var a = Fold(first, by128, Load(bytes[odd..]) ^ Vector128.Create(ones[(odd + Block)..]).AsUInt64());
        bytes = bytes[(odd + Block)..];
        if (bytes.Length >= 3 * Block)
        {
            var b = Load(bytes);
            var c = Load(bytes[Block..]);
            var d = Load(bytes[(2 * Block)..]);
            bytes = bytes[(3 * Block)..];
            // Four at a time, each independent of the others.
            while (bytes.Length >= 4 * Block)
            {
                a = Fold(a, by512, Load(bytes));
                b = Fold(b, by512, Load(bytes[Block..]));
                c = Fold(c, by512, Load(bytes[(2 * Block)..]));
                d = Fold(d, by512, Load(bytes[(3 * Block)..]));
                bytes = bytes[(4 * Block)..];
            }
            a = Fold(Fold(Fold(a, by128, b), by128, c), by128, d);
        }
        for (; bytes.Length >= Block; bytes = bytes[Block..])
            a = Fold(a, by128, Load(bytes));
        return Reduce(a);
    }

    // Sixteen bytes to eight, to four, then Barrett's reduction. Unlike a table, it does not have to be brought back into the cache for
    // each message.
    private static uint Reduce(Vector128<ulong> block)
    {
        var low = Vector128.Create(0xFFFF_FFFFUL);
        var by64 = Vector128.Create(0x1_63cd6124UL, 0x0_ccaa009eUL);
        var divisor = Vector128.Create(0x1_db710641UL, 0x1_f7011641UL);
        var eight = Sse2.ShiftRightLogical128BitLane(block, 8) ^ Pclmulqdq.CarrylessMultiply(block, by64, 0x10);
        var four = Sse2.ShiftRightLogical128BitLane(eight, 4) ^ Pclmulqdq.CarrylessMultiply(eight & low, by64, 0x00);
        var quotient = Pclmulqdq.CarrylessMultiply(four & low, divisor, 0x10);
        return (four ^ Pclmulqdq.CarrylessMultiply(quotient & low, divisor, 0x00)).AsUInt32().GetElement(1);
    }

    private static Vector128<ulong> Load(ReadOnlySpan<byte> bytes) => Vector128.Create(bytes).AsUInt64();

    private static Vector128<ulong> Fold(Vector128<ulong> block, Vector128<ulong> by, Vector128<ulong> next) =>
        Pclmulqdq.CarrylessMultiply(block, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, by, 0x11) ^ next;
}
