namespace RawLlm.Transport;

/// <summary>Counts the bytes that are read from a body.</summary>
internal sealed class CountedBody(Stream body) : WrappedBody(body)
{
    private const int LargestRead = 4096;

    public long Count { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // In small steps, so that the decompressed size of one step is known before the next.
        int count = await Body.ReadAsync(buffer.Length > LargestRead ? buffer[..LargestRead] : buffer, cancellationToken)
            .ConfigureAwait(false);
        Count += count;
        return count;
    }
}
