using System.Diagnostics;

namespace RawLlm.Comparisons.Loopback;

/// <summary>A second instance of this program, in its own process.</summary>
internal sealed class OwnProcess : IDisposable
{
    private readonly Process _process;

    public OwnProcess(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // If started as `dotnet program.dll`, the process is the runtime's host.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
    }

    /// <summary>Reads the next line that it prints; null if it has ended.</summary>
    public Task<string?> TryReadLineAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>Reads the next line that it prints.</summary>
    /// <exception cref="InvalidOperationException">The process ended instead.</exception>
    public async Task<string> ReadLineAsync() =>
        await TryReadLineAsync()
        ?? throw new InvalidOperationException("The second process of this program ended early; its standard error says why.");

    /// <summary>Waits until the process has ended.</summary>
    /// <exception cref="InvalidOperationException">The process failed.</exception>
    public async Task WaitAsync()
    {
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"The second process of this program ended with exit code {_process.ExitCode}; its standard error says why."
            );
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }
}
