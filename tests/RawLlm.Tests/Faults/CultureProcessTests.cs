using RawLlm.Tests.Cli;
using RawLlm.Tests.Wire;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>Runs the program in a process with another culture: it sends the same bytes and reads the same answers.</summary>
public sealed class CultureProcessTests(ITestOutputHelper output)
{
    private static readonly string[] Cases = ["chat-completions/usage-merged-field-by-field", "gemini/usage-in-pieces"];

    [Theory]
    [InlineData("tr_TR")]
    [InlineData("de_DE")]
    [InlineData("fa_IR")]
    [InlineData("ar_SA")]
    [Case(152)]
    public async Task Program_InOtherCulture_SendsAndReadsSameBytes(string language)
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        string folder = AppContext.BaseDirectory;
        string settings = Path.Combine(Path.GetTempPath(), $"rawllm-{Guid.NewGuid():N}.json");
        // The program itself uses the invariant culture; this process must not.
        await File.WriteAllTextAsync(
            settings,
            """{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"10.0.0"},"configProperties":{"System.Globalization.Invariant":false}}}""",
            watchdog.Token
        );
        try
        {
            foreach (string name in Cases)
            {
                var wireCase = WireCase.All().Single(wireCase => $"{wireCase.Protocol}/{wireCase.Name}" == name);
                await CompareAsync(["decode", "--protocol", wireCase.Protocol, wireCase.BodyFile]);
            }
            var requests = new List<string>();
            foreach (string tongue in (string[])["C", language])
            {
                await using var server = new FaultServer([Answers.WholeAnswer]);
                string[] args =
                [
                    "chat",
                    "--base-url",
                    $"http://127.0.0.1:{server.Port}/v1",
                    "-m",
                    "İI-ıi",
                    "--max-tokens",
                    "1234567",
                    "--no-stream",
                    "--json",
                    "Iı",
                ];
                var run = await StartAsync(tongue, args);
                if (IsWithoutCultures(run))
                    return;
                Assert.True(run.Code == 0, run.Error);
                requests.Add(Assert.Single(server.Requests).Split("\r\n\r\n")[1]);
            }
            Assert.Equal(requests[0], requests[1]);
            Assert.Contains("1234567", requests[1], StringComparison.Ordinal);
            // Shows that the culture is in effect even if the output does not reveal it.
            var control = await ProgramRun.OfAsync(
                Host,
                Arguments(["--version"]),
                [.. Language(language), ("DOTNET_STARTUP_HOOKS", typeof(StartupHook).Assembly.Location)],
                watchdog.Token
            );
            Assert.Contains(StartupHook.Prefix + language.Replace('_', '-'), control.Error);
        }
        finally
        {
            File.Delete(settings);
        }

        async Task CompareAsync(string[] args)
        {
            var usual = await CliRun.OfAsync(args);
            var run = await StartAsync(language, args);
            if (!IsWithoutCultures(run))
                Assert.Equal((usual.Code, usual.Out), (run.Code, run.Out));
        }

        Task<CliRun> StartAsync(string tongue, string[] args) =>
            ProgramRun.OfAsync(Host, Arguments(args), Language(tongue), watchdog.Token);

        string[] Arguments(string[] args) =>
            [
                "exec",
                "--runtimeconfig",
                settings,
                "--depsfile",
                Path.Combine(folder, "RawLlm.Cli.deps.json"),
                Path.Combine(folder, "RawLlm.Cli.dll"),
                .. args,
            ];

        bool IsWithoutCultures(CliRun run)
        {
            bool isWithout = run.Error.Contains("ICU", StringComparison.Ordinal) && run.Code != 0;
            if (isWithout)
                output.WriteLine("not applicable: this machine has no cultures (ICU)");
            return isWithout;
        }
    }

    private static string Host =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    private static (string Name, string Value)[] Language(string tongue) => [("LANG", $"{tongue}.UTF-8"), ("LC_ALL", $"{tongue}.UTF-8")];
}
