using System.Runtime.InteropServices;
using System.Text;
using RawLlm.Cli;
using RawLlm.Cli.Output;
using Spectre.Console;

using var cancellation = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
await using var output =
    OperatingSystem.IsWindows() || !Console.IsOutputRedirected
        ? Console.OpenStandardOutput()
        : PipeOutput.Of(1, Console.OpenStandardOutput());
await using var input = Console.OpenStandardInput();
await using var error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true };
return await Entry.RunAsync(
    args,
    new Shell
    {
        In = input,
        Out = output,
        Error = error,
        IsInTerminal = !Console.IsInputRedirected,
        IsOutTerminal = !Console.IsOutputRedirected,
        ColorsError = !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && SupportsAnsi(),
    },
    cancellation.Token
);

// The first signal cancels the call; a second one ends the program.
void Cancel(PosixSignalContext context)
{
    context.Cancel = !cancellation.IsCancellationRequested;
    cancellation.Cancel();
}

// Also enables escape sequences on a Windows console.
static bool SupportsAnsi() =>
    AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Profile.Capabilities.Ansi;
