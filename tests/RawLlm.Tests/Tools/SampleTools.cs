namespace RawLlm.Tests.Tools;

/// <summary>Tools for the tests of the loop.</summary>
internal static class SampleTools
{
    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}}}""";

    public static readonly Tool Weather = Tool.Create(
        new ToolDefinition("weather", "The weather", Schema),
        arguments => $"4 °C in {arguments.Text("city")}"
    );
    public static readonly Tool Clock = Tool.Create(new ToolDefinition("clock"), _ => "12:00");

    public static CancellationToken None => CancellationToken.None;

    public static Tool Failing(Exception e) => Tool.Create(new ToolDefinition("weather"), string (_) => throw e);

    public static string Told(ToolRun run, int call = 0) =>
        ((ToolResultPart)run.Messages.First(message => message.Role == Role.Tool).Parts[call]).Text;
}
