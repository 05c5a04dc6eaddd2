using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RawLlm.Comparisons.Native;
using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>aot</c>: measures the smallest native programs that stream a chat.</summary>
internal sealed class NativeCommand : MeasuringCommand
{
    private const string Requested = "ms to the request, median";
    private const string Resident = "resident MB";

    public NativeCommand()
        : base(
            "aot",
            "Size, warnings, start and memory of small native programs that stream a chat (net9.0, linux-x64; takes a few minutes)."
        ) { }

    protected override async Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        string repository = Repository();
        var folder = Directory.CreateTempSubdirectory("rawllm-native-");
        try
        {
            var programs = new List<NativeProgram>();
            foreach (
                var (name, program, hasDecompression) in ((string, string, bool)[])
                    [
                        (Names.Http, "HttpClient", false),
                        (Names.RawLlm, "RawLlm", false),
                        (Names.RawLlmWhole, "RawLlm", true),
                        (Names.Sdk, "OpenAI", false),
                    ]
            )
            {
                Console.Error.WriteLine($"publishing {name}");
                programs.Add(
                    await NativeProgram.PublishAsync(
                        name,
                        program,
                        repository,
                        Path.Combine(folder.FullName, programs.Count.ToString(CultureInfo.InvariantCulture)),
                        $"-p:NativeDecompression={(hasDecompression ? "true" : "false")}"
                    )
                );
            }
            var runs = Run(programs, isQuick ? 10 : 60);
            var rows = programs
                .Select(
                    (program, i) =>
                        new Row(
                            program.Name,
                            [
                                program.Bytes / 1e6,
                                (program.Bytes - programs[0].Bytes) / 1000.0,
                                program.Warnings,
                                new Percentiles(runs[i].Select(run => run.RequestMilliseconds)).Median,
                                new Percentiles(runs[i].Select(run => run.RequestMilliseconds)).Least,
                                new Percentiles(runs[i].Select(run => run.TextMilliseconds)).Median,
                                new Percentiles(runs[i].Select(run => run.ResidentBytes / 1e6)).Median,
                            ]
                        )
                )
                .ToList();
            var table = new Table(
                Names.NativePrograms,
                "program",
                [
                    new(Names.Megabytes, 2),
                    new("KB above HttpClient"),
                    new("warnings"),
                    new(Requested, 2),
                    new("ms to the request, least", 2),
                    new("ms to the first text, median", 2),
                    new(Resident, 2),
                ],
                rows
            );
            double Above(string column) => table.Find(Names.RawLlm, column)!.Value - table.Find(Names.Http, column)!.Value;
            return new Report(
                Name,
                "Each program requests a streamed chat from a server in this command's process and prints it. Sizes are without symbols. The programs are optimized for size, without culture data, resources, stack traces, event sources, debugger support, metrics and activities; the library is without decompression (RawLlm.Decompression) unless a row says otherwise. Times are from the start of the process.",
                [table],
                [
                    new(
                        "native program above HttpClient alone",
                        table.Find(Names.RawLlm, "KB above HttpClient")!.Value,
                        200,
                        IsLeast: false,
                        "KB"
                    ),
                    new("native program, warnings", table.Find(Names.RawLlm, "warnings")!.Value, 0, IsLeast: false, "warnings"),
                    new("native program, start to request above HttpClient alone", Above(Requested), 0.3, IsLeast: false, "ms"),
                    new("native program, resident memory above HttpClient alone", Above(Resident), 0.5, IsLeast: false, "MB"),
                ]
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<NativeRun>[] Run(List<NativeProgram> programs, int rounds)
    {
        var runs = programs.Select(_ => new List<NativeRun>()).ToArray();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        // The first rounds load the files into memory and warm up this process's own code.
        for (int round = -5; round < rounds; round++)
        {
            for (int n = 0; n < programs.Count; n++)
            {
                int i = round % 2 == 0 ? n : programs.Count - 1 - n;
                var run = NativeRun.Measure(programs[i], listener);
                if (round >= 0)
                    runs[i].Add(run);
            }
        }
        return runs;
    }

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RawLlm.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException(
            "This program must run from its repository: there is no RawLlm.sln in a folder above it, so there is nothing to publish."
        );
    }
}
