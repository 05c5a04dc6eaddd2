using System.IO.Pipes;
using RawLlm.Cli.Output;

namespace RawLlm.Tests.Cli;

public sealed class PipeOutputTests
{
    [Fact]
    public async Task Write_PipeWithReader_WritesAllBytes()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        byte[] sent = new byte[3000];
        Random.Shared.NextBytes(sent);

        using (var output = PipeOutput.Of((int)pipe.SafePipeHandle.DangerousGetHandle(), Stream.Null))
        {
            Assert.IsType<PipeOutput>(output);
            output.Write(sent);
            output.Flush();
        }

        byte[] got = new byte[3000];
        await reader.ReadExactlyAsync(got);
        Assert.Equal(sent, got);
    }

    [Fact]
    public void Write_PipeWithoutReader_ThrowsOutputClosedException()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using (var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle))
            pipe.DisposeLocalCopyOfClientHandle();

        using var output = PipeOutput.Of((int)pipe.SafePipeHandle.DangerousGetHandle(), Stream.Null);

        Assert.Throws<OutputClosedException>(() => output.Write("x"u8));
    }

    [Fact]
    public void Of_FileHandle_ReturnsPlatformStream()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var file = new FileStream(
            Path.GetTempFileName(),
            FileMode.Open,
            FileAccess.Write,
            FileShare.None,
            1,
            FileOptions.DeleteOnClose
        );

        Assert.Same(Stream.Null, PipeOutput.Of((int)file.SafeFileHandle.DangerousGetHandle(), Stream.Null));
    }
}
