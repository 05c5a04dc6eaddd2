using RawLlm.Protocols;

namespace RawLlm.Cli.Doctor;

/// <summary>A setting of the chat dialect with which some servers accept a request that they otherwise refuse.</summary>
/// <param name="Expression">The C# assignment of the property.</param>
/// <param name="Apply">Returns the dialect with this setting; the same dialect if that changes no request to the model.</param>
internal sealed record DialectAdjustment(string Expression, Func<ChatCompletionsProtocol, string, ChatCompletionsProtocol> Apply)
{
    /// <summary>The name of the property.</summary>
    public string Property => Expression[..Expression.IndexOf(' ', StringComparison.Ordinal)];

    public static DialectAdjustment OldMaxTokens { get; } = MaxTokens("max_tokens");

    public static DialectAdjustment NewMaxTokens { get; } = MaxTokens("max_completion_tokens");

    public static DialectAdjustment NoRootPath { get; } = RootPath("");

    public static DialectAdjustment NoStreamOptions { get; } =
        new("RequestsStreamUsage = false", (dialect, _) => dialect with { RequestsStreamUsage = false });

    public static DialectAdjustment RequiredIsAny { get; } =
        new("RequiredToolChoice = \"any\"", (dialect, _) => dialect with { RequiredToolChoice = "any" });

    public static DialectAdjustment RequiredIsAuto { get; } =
        new("RequiredToolChoice = \"auto\"", (dialect, _) => dialect with { RequiredToolChoice = "auto" });

    public static DialectAdjustment NoNamedChoice { get; } =
        new("SupportsNamedToolChoice = false", (dialect, _) => dialect with { SupportsNamedToolChoice = false });

    public static DialectAdjustment NoChoiceOfNone { get; } =
        new("SupportsToolChoiceNone = false", (dialect, _) => dialect with { SupportsToolChoiceNone = false });

    public static DialectAdjustment NoChoice { get; } =
        new("SupportsToolChoice = false", (dialect, _) => dialect with { SupportsToolChoice = false });

    public static DialectAdjustment NoStrict { get; } =
        new("SupportsStrict = false", (dialect, _) => dialect with { SupportsStrict = false });

    public static DialectAdjustment NoParallelSwitch { get; } =
        new("SupportsParallelToolCalls = false", (dialect, _) => dialect with { SupportsParallelToolCalls = false });

    public static DialectAdjustment NoSchema { get; } =
        new("SupportsJsonSchema = false", (dialect, _) => dialect with { SupportsJsonSchema = false });

    public static DialectAdjustment NoThinking { get; } =
        new("ThinkingStyle = ThinkingStyle.None", (dialect, _) => dialect with { ThinkingStyle = ThinkingStyle.None });

    public static DialectAdjustment RootPath(string path) =>
        new($"RootPath = \"{path}\"", (dialect, _) => dialect with { RootPath = path });

    private static DialectAdjustment MaxTokens(string name) =>
        new(
            $"MaxTokensName = \"{name}\"",
            (dialect, model) => dialect.MaxTokensNameOf(model) == name ? dialect : dialect with { MaxTokensName = name }
        );
}
