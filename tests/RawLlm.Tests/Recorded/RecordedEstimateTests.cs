using System.Globalization;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>
/// How far the estimate of a prompt's tokens is off, compared with the services' own counts; docs/tokens.md contains the table.
/// </summary>
public sealed class RecordedEstimateTests(ITestOutputHelper output)
{
    private const string Start = "<!-- estimates -->";
    private const string End = "<!-- /estimates -->";

    private static readonly (string Server, string Wire, string Provider)[] Sources =
    [
        ("openai", "openai-chat", "openai"),
        ("openai", "openai-responses", "openai-responses"),
        ("azure-openai", "openai-chat", "azure"),
        ("anthropic", "anthropic", "anthropic"),
        ("bedrock", "bedrock-converse", "bedrock"),
        ("bedrock", "anthropic", "bedrock-invoke"),
        ("google-gemini", "gemini", "gemini"),
        ("mistral", "openai-chat", "mistral"),
        ("deepseek", "openai-chat", "deepseek"),
        ("groq", "openai-chat", "groq"),
        ("openrouter", "openai-chat", "openrouter"),
        ("xai", "openai-chat", "xai"),
        ("xai", "openai-responses", "xai-responses"),
        ("zai", "openai-chat", "glm"),
        ("hf-router", "openai-chat", "huggingface"),
        ("together", "openai-chat", "together"),
        ("llama.cpp", "openai-chat", "llama.cpp"),
        ("ollama", "ollama", "ollama"),
    ];

    [Fact]
    public void TokenEstimate_RecordedPrompts_HasDocumentedErrors()
    {
        if (Folders.Wire is null)
        {
            output.WriteLine("The recordings are not present: not applicable.");
            return;
        }
        var table = new StringBuilder("\n| service | prompts | median error | 90th percentile | with tools |\n|---|---|---|---|---|\n");
        var all = new List<double>();
        foreach (var (server, wire, name) in Sources)
        {
            var provider = Providers.Get(name);
            var errors = new List<double>();
            int withFunctions = 0;
            foreach (
                var recording in Recording
                    .All(wire, "stream")
                    .Concat(Recording.All(wire, "unary"))
                    .Where(recording => recording.Server == server)
            )
            {
                if (
                    RecordedRequest.Read(recording) is not { } request
                    || Counted(provider.Protocol, recording) is not (>= 5 and var counted)
                )
                {
                    continue;
                }

                errors.Add(Math.Abs(TokenCount.Estimate(request, provider).Tokens - counted) / (double)counted);
                withFunctions += request.Tools.Count > 0 ? 1 : 0;
            }
            if (errors.Count == 0)
                continue;
            all.AddRange(errors);
            table.Append(
                CultureInfo.InvariantCulture,
                $"| `{name}` | {errors.Count} | {Percentile(errors, 0.5):0} % | {Percentile(errors, 0.9):0} % | {withFunctions} |\n"
            );
        }
        table.Append(CultureInfo.InvariantCulture, $"| all | {all.Count} | {Percentile(all, 0.5):0} % | {Percentile(all, 0.9):0} % | |\n");
        output.WriteLine(table.ToString());

        string path = Path.Combine(Folders.Repository, "docs", "tokens.md");
        string page = File.ReadAllText(path).ReplaceLineEndings("\n");
        int start = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        int end = page.IndexOf(End, StringComparison.Ordinal);
        // RAWLLM_WRITE_README=1 updates the table.
        if (Environment.GetEnvironmentVariable("RAWLLM_WRITE_README") == "1" && page[start..end] != table.ToString())
            File.WriteAllText(path, page[..start] + table + page[end..]);
        else
            Assert.Equal(table.ToString(), page[start..end]);
        Assert.InRange(Percentile(all, 0.5), 0, 25);
    }

    private static long? Counted(WireProtocol protocol, Recording recording)
    {
        var decoded =
            recording.Kind == "stream"
                ? Decoded.Stream(Plain(protocol), recording.Read())
                : Decoded.Whole(Plain(protocol), recording.Read());
        if (decoded.Error is not null || decoded.Reply.Usage is not { } usage)
            return null;
        return protocol.UsageConvention.HasFlag(UsageConvention.CacheOnTop)
            ? usage.InputTokens + (usage.CachedInputTokens ?? 0) + (usage.CacheWriteTokens ?? 0)
            : usage.InputTokens;
    }

    // The recordings of Bedrock's InvokeModel contain plain Messages bodies.
    private static WireProtocol Plain(WireProtocol protocol) => protocol is BedrockInvokeProtocol ? new AnthropicProtocol() : protocol;

    private static double Percentile(List<double> errors, double share)
    {
        var sorted = errors.Order().ToList();
        return 100 * sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
