using System.CommandLine;
using RawLlm.Comparisons.Commands;

var root = new RootCommand("Compares the library with floors and rivals: in turns, in one process, on the same bytes.")
{
    new RatiosCommand(),
    new RecordedCommand(),
    new ToolsCommand(),
};
return await root.Parse(args).InvokeAsync();
