using RawLlm.Protocols;

namespace RawLlm.Cli.Doctor;

/// <summary>A setting of the chat dialect with which some servers accept a request that they otherwise refuse.</summary>
/// <param name="Expression">The C# assignment of the property.</param>
/// <param name="Apply">Returns the dialect with this setting.</param>
internal sealed record DialectBend(string Expression, Func<ChatCompletionsProtocol, ChatCompletionsProtocol> Apply)
{
    public static DialectBend OldMaxTokens { get; } = new("MaxTokensName = \"max_tokens\"", dialect => dialect with { MaxTokensName = "max_tokens" });

    public static DialectBend NewMaxTokens { get; } = new("MaxTokensName = \"max_completion_tokens\"", dialect => dialect with { MaxTokensName = "max_completion_tokens" });

    public static DialectBend NoRootPath { get; } = new("RootPath = \"\"", dialect => dialect with { RootPath = "" });

    public static DialectBend NoStreamOptions { get; } = new("AsksStreamUsage = false", dialect => dialect with { AsksStreamUsage = false });

    public static DialectBend RequiredIsAny { get; } = new("RequiredToolChoice = \"any\"", dialect => dialect with { RequiredToolChoice = "any" });

    public static DialectBend NoNamedChoice { get; } = new("TakesNamedToolChoice = false", dialect => dialect with { TakesNamedToolChoice = false });

    public static DialectBend NoChoice { get; } = new("TakesToolChoice = false", dialect => dialect with { TakesToolChoice = false });

    public static DialectBend NoStrict { get; } = new("TakesStrict = false", dialect => dialect with { TakesStrict = false });

    public static DialectBend NoParallelSwitch { get; } = new("TakesParallelToolCalls = false", dialect => dialect with { TakesParallelToolCalls = false });

    public static DialectBend NoSchema { get; } = new("TakesJsonSchema = false", dialect => dialect with { TakesJsonSchema = false });

    public static DialectBend NoThinking { get; } = new("ThinkingStyle = ThinkingStyle.None", dialect => dialect with { ThinkingStyle = ThinkingStyle.None });
}
