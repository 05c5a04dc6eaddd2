using System.Diagnostics;
using System.Text.RegularExpressions;

namespace RawLlm.Comparisons.Native;

/// <summary>A published program of <c>RawLlm.Native</c>.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Path">The path of its executable.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Warnings">The number of warnings of the linker and the native compiler.</param>
internal sealed partial record NativeProgram(string Name, string Path, long Bytes, int Warnings)
{
    /// <summary>Publishes a program for linux-x64.</summary>
    /// <param name="name">A short name for tables.</param>
    /// <param name="program">The program's name in the project.</param>
    /// <param name="repository">The folder of the repository.</param>
    /// <param name="output">The output folder.</param>
    /// <param name="switches">Additional build properties.</param>
    /// <exception cref="InvalidOperationException">Publishing failed.</exception>
    public static async Task<NativeProgram> PublishAsync(
        string name,
        string program,
        string repository,
        string output,
        params string[] switches
    )
    {
        // An up-to-date build is not compiled again and reports no warnings.
        string built = System.IO.Path.Combine(repository, ".artifacts", "obj", $"RawLlm.Native.{program}");
        if (Directory.Exists(built))
            Directory.Delete(built, recursive: true);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = repository };
        foreach (
            string argument in (string[])
                [
                    "publish",
                    "benchmarks/RawLlm.Native",
                    "-c",
                    "Release",
                    "-r",
                    "linux-x64",
                    "-p:RawLlmAot=true",
                    $"-p:NativeProgram={program}",
                    .. switches,
                    "-o",
                    output,
                ]
        )
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        string log = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{name} could not be published as native code:\n{log}");
        string path = System.IO.Path.Combine(output, "native-chat");
        return new(
            name,
            path,
            new FileInfo(path).Length,
            Warning().Matches(log).Select(match => match.Value).Distinct(StringComparer.Ordinal).Count()
        );
    }

    [GeneratedRegex(@"^.*\bwarning\b.*$", RegexOptions.Multiline)]
    private static partial Regex Warning();
}
