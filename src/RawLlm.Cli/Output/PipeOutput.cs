using Microsoft.Win32.SafeHandles;

namespace RawLlm.Cli.Output;

/// <summary>The standard output where it is a pipe: says when nobody reads it any more, which the platform's own stream keeps to itself.</summary>
/// <param name="pipe">The pipe.</param>
/// <param name="otherwise">The platform's stream of the same pipe, which waits where the pipe is set not to.</param>
internal sealed class PipeOutput(FileStream pipe, Stream otherwise) : Stream
{
    // EPIPE, on Linux and macOS alike.
    private const int BrokenPipe = 32;

    // POSIX: so many bytes are written whole or not at all, so that none is written twice by the other stream.
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

    /// <summary>A stream for a descriptor of Unix.</summary>
    /// <param name="descriptor">Its number.</param>
    /// <param name="otherwise">What it is written to where it is no pipe. A file is left to the platform: a stream of one's own would keep a place of its own in it, and programs that share the file would write over each other.</param>
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
