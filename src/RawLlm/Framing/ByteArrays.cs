using System.Buffers;

namespace RawLlm.Framing;

/// <summary>Lends byte arrays: pooled up to a MiB, made to measure beyond.</summary>
/// <remarks>The shared pool rounds up to a power of two and keeps what came back: one event with an image would hold twice its size for good.</remarks>
internal static class ByteArrays
{
    public const int LargestPooled = 1 << 20;

    public static byte[] Rent(int least) =>
        least <= LargestPooled ? ArrayPool<byte>.Shared.Rent(least) : GC.AllocateUninitializedArray<byte>(least);

    public static void Return(byte[] array)
    {
        if (array.Length is > 0 and <= LargestPooled)
            ArrayPool<byte>.Shared.Return(array);
    }
}
