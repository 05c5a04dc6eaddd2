using System.Text;
using RawLlm.Cli;

namespace RawLlm.Tests.Cli;

/// <summary>One run of the program without environment variables, local servers or waits.</summary>
internal sealed record CliRun(int Code, byte[] Bytes, string Error)
{
    public string Out => Encoding.UTF8.GetString(Bytes);

    public static Task<CliRun> OfAsync(params string[] args) => OfAsync(shell => shell, args);

    public static Task<CliRun> OfAsync(Func<Shell, Shell> change, params string[] args) => OfAsync(change, CancellationToken.None, args);

    public static async Task<CliRun> OfAsync(Func<Shell, Shell> change, CancellationToken cancellationToken, params string[] args)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        var shell = change(
            new Shell
            {
                In = Stream.Null,
                Out = output,
                Error = error,
                Variable = _ => null,
                Probe = (_, _) => Task.FromResult<IReadOnlyList<ModelInfo>?>(null),
                DemoPause = TimeSpan.Zero,
            }
        );
        int code = await Entry.RunAsync(args, shell, cancellationToken);
        return new CliRun(code, output.ToArray(), error.ToString());
    }

    public static MemoryStream Input(string text) => new(Encoding.UTF8.GetBytes(text));
}
