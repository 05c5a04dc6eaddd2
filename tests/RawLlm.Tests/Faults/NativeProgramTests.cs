using RawLlm.Tests.Cli;
using RawLlm.Tests.Wire;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>The native binary behaves like the program here: every wire case, whole, in pieces and cut.</summary>
/// <remarks>RAWLLM_NATIVE specifies the path of the binary; without it, nothing runs.</remarks>
public sealed class NativeProgramTests(ITestOutputHelper output)
{
    [Fact]
    [Case(167)]
    public async Task WireCases_InNativeProgram_PrintSameOutput()
    {
        if (Environment.GetEnvironmentVariable("RAWLLM_NATIVE") is not { Length: > 0 } program)
        {
            output.WriteLine("not applicable: RAWLLM_NATIVE names no binary");
            return;
        }
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        int runs = 0;
        var cases = WireCase.All().Where(wireCase => wireCase is { IsStream: true, ErrorStatus: null });
        await Parallel.ForEachAsync(
            cases,
            watchdog.Token,
            async (wireCase, token) =>
            {
                string file = Path.GetTempFileName();
                try
                {
                    byte[] body = wireCase.ReadBody();
                    foreach (int length in new[] { body.Length, body.Length / 2, Math.Max(0, body.Length - 1) }.Distinct())
                    {
                        await File.WriteAllBytesAsync(file, body[..length], token);
                        string[] args = ["decode", "--protocol", wireCase.Protocol, "--pieces", length == body.Length ? "7" : "4096", file];
                        var here = await CliRun.OfAsync(args);
                        var native = await ProgramRun.OfAsync(program, args, [], token);
                        Assert.True(
                            (here.Code, here.Out, here.Error) == (native.Code, native.Out, native.Error),
                            $"{wireCase.Protocol}/{wireCase.Name} at {length}: {here.Code} {here.Out} {here.Error}\nnative: {native.Code} {native.Out} {native.Error}"
                        );
                        Interlocked.Increment(ref runs);
                    }
                }
                finally
                {
                    File.Delete(file);
                }
            }
        );
        output.WriteLine($"{runs} runs of the native program");
        Assert.True(runs > 300, $"{runs}");
    }
}
