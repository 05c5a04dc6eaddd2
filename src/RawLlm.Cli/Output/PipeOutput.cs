using Microsoft.Win32.SafeHandles;

namespace RawLlm.Cli.Output;

/// <summary>Standard output as a pipe. Throws if the reader has closed the pipe, an error that the platform's own stream ignores.</summary>
/// <param name="pipe">The pipe.</param>
/// <param name="otherwise">The platform's stream for the same pipe, which waits even if the pipe is non-blocking.</param>
internal sealed class PipeOutput(FileStream pipe, Stream otherwise) : Stream
{
    // EPIPE, on both Linux and macOS.
    private const int BrokenPipe = 32;

    // POSIX writes up to this many bytes completely or not at all, so the other stream writes no byte twice.
    private const int WholeBytes = 512;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Returns a stream for a Unix file descriptor.</summary>
    /// <param name="descriptor">The number of the descriptor.</param>
    /// <param name="otherwise">
    /// The stream to use if the descriptor is not a pipe. A file is left to the platform: a separate stream would keep its own position,
    /// and programs that share the file would overwrite each other.
    /// </param>
    public static Stream Of(int descriptor, Stream otherwise)
    {
        try
        {
            var pipe = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return pipe.CanSeek ? otherwise : new PipeOutput(pipe, otherwise);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return otherwise;
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var part = buffer[..Math.Min(WholeBytes, buffer.Length)];
            try
            {
                pipe.Write(part);
            }
            catch (IOException e) when (e.HResult == BrokenPipe)
            {
                throw new OutputClosedException(e);
            }
            catch (IOException)
            {
                otherwise.Write(part);
            }
            buffer = buffer[part.Length..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => otherwise.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pipe.Dispose();
            otherwise.Dispose();
        }
        base.Dispose(disposing);
    }
}
