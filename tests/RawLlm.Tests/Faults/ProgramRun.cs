using System.Diagnostics;
using RawLlm.Tests.Cli;

namespace RawLlm.Tests.Faults;

/// <summary>One run of another program, such as the native binary.</summary>
internal static class ProgramRun
{
    public static async Task<CliRun> OfAsync(
        string program,
        IEnumerable<string> args,
        IEnumerable<(string Name, string Value)> variables,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(program, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var bytes = new MemoryStream();
            await process.StandardOutput.BaseStream.CopyToAsync(bytes, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new CliRun(process.ExitCode, bytes.ToArray(), await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
