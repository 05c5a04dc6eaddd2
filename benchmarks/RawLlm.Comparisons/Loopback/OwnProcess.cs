using System.Diagnostics;

namespace RawLlm.Comparisons.Loopback;

/// <summary>This program once more, in a process of its own.</summary>
internal sealed class OwnProcess : IDisposable
{
    private readonly Process _process;

    public OwnProcess(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // Started as `dotnet program.dll`, the process is the runtime's own host.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
    }

    /// <summary>The next line that it prints; null when it has ended.</summary>
    public Task<string?> TryReadLineAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>Waits for the next line that it prints.</summary>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    public async Task<string> ReadLineAsync() =>
        await TryReadLineAsync() ?? throw new InvalidOperationException("The program's second process has ended early.");

    /// <summary>Waits until it has ended.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task WaitAsync()
    {
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"The program's second process has ended with {_process.ExitCode}.");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }
}
