using System.Diagnostics;
using System.Text.RegularExpressions;

namespace RawLlm.Comparisons.Native;

/// <summary>One of the programs of <c>RawLlm.Native</c>, published.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="Warnings">How many warnings of the linker and of the native compiler there were.</param>
internal sealed partial record NativeProgram(string Name, string Path, long Bytes, int Warnings)
{
    /// <summary>Publishes a program for this machine's system.</summary>
    /// <param name="name">A short name for tables.</param>
    /// <param name="program">The program, as the project calls it.</param>
    /// <param name="repository">The repository's folder.</param>
    /// <param name="output">Where the program goes.</param>
    /// <param name="switches">Further properties of the build.</param>
    /// <exception cref="InvalidOperationException">It cannot be published.</exception>
    public static async Task<NativeProgram> PublishAsync(string name, string program, string repository, string output, params string[] switches)
    {
        // What is up to date is not compiled again, and then warns of nothing.
        string built = System.IO.Path.Combine(repository, ".artifacts", "obj", $"RawLlm.Native.{program}");
        if (Directory.Exists(built))
            Directory.Delete(built, recursive: true);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = repository };
        foreach (string argument in (string[])["publish", "benchmarks/RawLlm.Native", "-c", "Release", "-r", "linux-x64", "-p:RawLlmAot=true", $"-p:NativeProgram={program}", .. switches, "-o", output])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        string log = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{name} cannot be published as native code:\n{log}");
        string path = System.IO.Path.Combine(output, "native-chat");
        return new(name, path, new FileInfo(path).Length, Warning().Matches(log).Select(match => match.Value).Distinct(StringComparer.Ordinal).Count());
    }

    [GeneratedRegex(@"^.*\bwarning\b.*$", RegexOptions.Multiline)]
    private static partial Regex Warning();
}
