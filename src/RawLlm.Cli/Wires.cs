using RawLlm.Protocols;

namespace RawLlm.Cli;

/// <summary>The wires whose recorded bodies can be decoded. To add one, add one line.</summary>
internal static class Wires
{
    public static IReadOnlyList<WireProtocol> All { get; } =
    [
        new ChatCompletionsProtocol(),
        new AnthropicProtocol(),
        new ResponsesProtocol(),
        new GeminiProtocol(),
        new OllamaProtocol(),
        new ConverseProtocol(),
        new BedrockInvokeProtocol(),
    ];

    /// <summary>The names, for help texts and errors.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(wire => wire.Name));

    /// <exception cref="UsageException">No wire has the name.</exception>
    public static WireProtocol Get(string name) =>
        All.FirstOrDefault(wire => wire.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException(
            $"No protocol is called '{name}'.{Suggestion.Question(name, All.Select(wire => wire.Name))} Known protocols: {Names}."
        );
}
