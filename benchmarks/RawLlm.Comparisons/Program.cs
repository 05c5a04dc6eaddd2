using System.CommandLine;
using RawLlm.Comparisons.Commands;
using RawLlm.Comparisons.Loopback;

var root = new RootCommand(
    "Compares the library with floors and rivals: in turns, on the same bytes, after checking that they produce the same results."
)
{
    new RatiosCommand(),
    new RecordedCommand(),
    new ToolsCommand(),
    new RequestCommand(),
    new ColdCommand(),
    new StreamsCommand(),
    new EndToEndCommand(),
    new NativeCommand(),
    new AllCommand(),
    new ServeCommand(),
    new HoldCommand(),
};
return await root.Parse(args).InvokeAsync();
