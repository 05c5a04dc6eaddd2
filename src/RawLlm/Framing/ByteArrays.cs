using System.Buffers;

namespace RawLlm.Framing;

/// <summary>Lends byte arrays: pooled up to 4 MiB, made to measure beyond.</summary>
/// <remarks>
/// The shared pool rounds up to a power of two and keeps what came back, until collections have found it unused for a minute or so:
/// one event with a large image would hold twice its size meanwhile. Up to 4 MiB that costs less than the page faults of a new array,
/// which took longer than the decoding of a mebibyte of arguments.
/// </remarks>
internal static class ByteArrays
{
    public const int LargestPooled = 4 << 20;

    /// <summary>Is told of each array that is lent (true) and given back, in tests; null otherwise.</summary>
    public static Action<byte[], bool>? Ledger { get; set; }

    public static byte[] Rent(int least)
    {
        byte[] array = least <= LargestPooled ? ArrayPool<byte>.Shared.Rent(least) : GC.AllocateUninitializedArray<byte>(least);
        Ledger?.Invoke(array, true);
        return array;
    }

    public static void Return(byte[] array)
    {
        if (array.Length > 0)
            Ledger?.Invoke(array, false);
        if (array.Length is > 0 and <= LargestPooled)
            ArrayPool<byte>.Shared.Return(array);
    }
}
