using System.CommandLine;
using System.Globalization;
using RawLlm.Protocols;
using RawLlm.Traffic;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>tools</c>: a mebibyte of arguments in small fragments.</summary>
internal sealed class ToolsCommand : Command
{
    public ToolsCommand()
        : base("tools", "1 MiB of a function call's arguments in fragments of 4, 16 and 64 bytes.") => SetAction(_ => Run());

    private static void Run()
    {
        foreach (int fragment in (int[])[64, 16, 4])
        {
            var workload = new Workload(new ChatCompletionsProtocol(), TrafficShapes.ToolArguments(1 << 20, fragment));
            var contenders = Contenders.For(workload).Where(contender => contender.Name is Contenders.Stream or Contenders.StreamOff or Contenders.Parser or Contenders.OpenAISdk).ToList();
            Console.WriteLine($"fragments of {fragment} bytes, {workload.Shape.ChunkCount} chunks");
            foreach (var sample in Measurement.Run(workload, contenders, TimeSpan.FromSeconds(10)))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {sample.Contender,-40} median {sample.Median,9:F1} ns a chunk, {sample.Median * workload.Shape.ChunkCount / 1e6,8:F2} ms  least {sample.Least,9:F1}  {(double)sample.Bytes / workload.Shape.ChunkCount,9:F1} B a chunk"));
        }
    }
}
