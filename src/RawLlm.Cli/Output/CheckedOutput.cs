namespace RawLlm.Cli.Output;

/// <summary>Standard output whose errors say that the output failed: those of the platform could mean any file.</summary>
internal sealed class CheckedOutput(Stream inner) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        try
        {
            inner.Flush();
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw Failed(e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static bool IsFailure(Exception e) =>
        e is IOException and not OutputClosedException or UnauthorizedAccessException or ObjectDisposedException;

    private static OutputFailedException Failed(Exception e) =>
        new(
            $"Cannot write to standard output: {(e is IOException ? SafeText.Line(e.Message).TrimEnd('.') : "it is closed, or access is denied")}.",
            e
        );
}
