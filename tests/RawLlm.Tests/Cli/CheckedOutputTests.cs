namespace RawLlm.Tests.Cli;

public sealed class CheckedOutputTests
{
    [Theory]
    [InlineData(true, "error: Cannot write to standard output: No space left on device.\n")]
    [InlineData(false, "error: Cannot write to standard output: it is closed, or access is denied.\n")]
    public async Task Output_CannotBeWritten_IsNamedInError(bool isFull, string expected)
    {
        using var output = new FailingStream(
            isFull ? new IOException("No space left on device.") : new UnauthorizedAccessException("Access to the path is denied.")
        );

        foreach (
            string[] command in (string[][])
                [
                    ["providers"],
                    ["chat", "--provider", "demo", "Hello"],
                    ["chat", "--help"],
                ]
        )
        {
            var run = await CliRun.OfAsync(shell => shell with { Out = output }, command);

            Assert.EndsWith(expected, run.Error, StringComparison.Ordinal);
            Assert.Equal(1, run.Code);
        }
    }

    private sealed class FailingStream(Exception error) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw error;

        public override void Write(byte[] buffer, int offset, int count) => throw error;
    }
}
