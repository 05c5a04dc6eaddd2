namespace RawLlm.Transport;

/// <summary>The body of a whole answer that comes as events, which may be no longer than any other whole answer.</summary>
internal sealed class BoundedBody(Stream body, int maxBytes) : WrappedBody(body)
{
    private long _count;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _count += count;
        return _count <= maxBytes ? count : throw BodyReader.TooLong();
    }
}
