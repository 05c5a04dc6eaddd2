using RawLlm.Protocols;

namespace RawLlm.Cli.Doctor;

/// <summary>A setting of the chat dialect with which some servers accept a request that they otherwise refuse.</summary>
/// <param name="Expression">The C# assignment of the property.</param>
/// <param name="Apply">Returns the dialect with this setting.</param>
internal sealed record DialectAdjustment(string Expression, Func<ChatCompletionsProtocol, ChatCompletionsProtocol> Apply)
{
    public static DialectAdjustment OldMaxTokens { get; } =
        new("MaxTokensName = \"max_tokens\"", dialect => dialect with { MaxTokensName = "max_tokens" });

    public static DialectAdjustment NewMaxTokens { get; } =
        new("MaxTokensName = \"max_completion_tokens\"", dialect => dialect with { MaxTokensName = "max_completion_tokens" });

    public static DialectAdjustment NoRootPath { get; } = new("RootPath = \"\"", dialect => dialect with { RootPath = "" });

    public static DialectAdjustment NoStreamOptions { get; } =
        new("RequestsStreamUsage = false", dialect => dialect with { RequestsStreamUsage = false });

    public static DialectAdjustment RequiredIsAny { get; } =
        new("RequiredToolChoice = \"any\"", dialect => dialect with { RequiredToolChoice = "any" });

    public static DialectAdjustment NoNamedChoice { get; } =
        new("SupportsNamedToolChoice = false", dialect => dialect with { SupportsNamedToolChoice = false });

    public static DialectAdjustment NoChoice { get; } =
        new("SupportsToolChoice = false", dialect => dialect with { SupportsToolChoice = false });

    public static DialectAdjustment NoStrict { get; } = new("SupportsStrict = false", dialect => dialect with { SupportsStrict = false });

    public static DialectAdjustment NoParallelSwitch { get; } =
        new("SupportsParallelToolCalls = false", dialect => dialect with { SupportsParallelToolCalls = false });

    public static DialectAdjustment NoSchema { get; } =
        new("SupportsJsonSchema = false", dialect => dialect with { SupportsJsonSchema = false });

    public static DialectAdjustment NoThinking { get; } =
        new("ThinkingStyle = ThinkingStyle.None", dialect => dialect with { ThinkingStyle = ThinkingStyle.None });
}
