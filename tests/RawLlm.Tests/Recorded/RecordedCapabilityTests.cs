using System.Text.Json;
using System.Text.RegularExpressions;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>The capability check must not refuse what a service has answered.</summary>
public sealed partial class RecordedCapabilityTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, string> Services = new()
    {
        ["openai"] = "openai",
        ["azure-openai"] = "azure",
        ["anthropic"] = "anthropic",
        ["google-gemini"] = "gemini",
        ["mistral"] = "mistral",
        ["groq"] = "groq",
        ["deepseek"] = "deepseek",
        ["xai"] = "xai",
        ["cerebras"] = "cerebras",
        ["cloudflare"] = "cloudflare",
        ["bedrock"] = "bedrock",
        ["zai"] = "glm",
        ["perplexity"] = "perplexity",
        ["together"] = "together",
        ["openrouter"] = "openrouter",
    };

    [Fact]
    public void CapabilityCheck_AnsweredRecordedRequests_RejectsNone()
    {
        int checks = 0,
            known = 0,
            asking = 0;
        var refused = new List<string>();
        string[] wires = ["openai-chat", "openai-responses", "anthropic", "gemini", "bedrock-converse", "bedrock-invoke"];
        foreach (var recording in wires.SelectMany(wire => Recording.All(wire, "stream").Concat(Recording.All(wire, "unary"))))
        {
            if (!Services.TryGetValue(recording.Server, out string? name) || Read(recording) is not ({ } request, { Length: > 0 } model))
                continue;
            var capabilities = Providers.Get(name).CapabilitiesOf(model);
            checks++;
            asking +=
                request.Tools.Count > 0 || request.Messages[0].Parts.Count > 1 || request.Thinking is not null || request.Format is not null
                    ? 1
                    : 0;
            known += capabilities.ContextTokens is not null || capabilities.Tools is not null ? 1 : 0;
            if (CapabilityCheck.Instance.Problem(capabilities, request, recording.Kind == "stream") is { } problem)
                refused.Add($"{recording.File}: {model} {problem}");
        }
        output.WriteLine(
            checks == 0
                ? "The recordings are not present: not applicable."
                : $"{checks} answered requests, {asking} of them for more than text, {known} of models that are known, {refused.Count} refused"
        );
        Assert.True(checks == 0 || asking > 100, $"{asking}");
        Assert.True(refused.Count == 0, string.Join('\n', refused));
    }

    /// <summary>Returns a request that needs the same capabilities, and the model's name.</summary>
    private static (ChatRequest? Request, string Model) Read(Recording recording)
    {
        using var meta = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folders.Wire!, "meta", recording.File + ".json")));
        if (!meta.RootElement.TryGetProperty("request", out var request) || request.ValueKind != JsonValueKind.Object)
            return (null, "");
        string text = JsonSerializer.Serialize(request);
        string model =
            request.TryGetProperty("model", out var named) && named.ValueKind == JsonValueKind.String
                ? named.GetString()!
                : Uri.UnescapeDataString(ModelInAddress().Match(meta.RootElement.GetProperty("url").GetString() ?? "").Groups[1].Value);
        var parts = new List<Part> { new TextPart("x") };
        if (Images().IsMatch(text))
            parts.Add(new ImagePart(new byte[] { 1 }, "image/png"));
        if (text.Contains("\"input_audio\"", StringComparison.Ordinal) || text.Contains("\"audio/", StringComparison.Ordinal))
            parts.Add(new FilePart(new byte[] { 1 }, "audio/wav"));
        if (Files().IsMatch(text))
            parts.Add(new FilePart(new byte[] { 1 }, "application/pdf"));
        return (
            new ChatRequest
            {
                Messages = [Message.User(parts)],
                Tools =
                    text.Contains("\"tools\":[{", StringComparison.Ordinal) || text.Contains("\"toolSpec\"", StringComparison.Ordinal)
                        ? [new ToolDefinition("f")]
                        : [],
                ParallelToolCalls = text.Contains("\"parallel_tool_calls\":true", StringComparison.Ordinal) ? true : null,
                Thinking = Thoughts().IsMatch(text) ? Thinking.High : null,
                Format = Schemas().IsMatch(text) ? ReplyFormat.JsonSchema("s", "{}") : null,
                MaxTokens = Limit().Match(text) is { Success: true } limit
                    ? int.Parse(limit.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)
                    : null,
            },
            model
        );
    }

    [GeneratedRegex("/models?/([^/:?]+(?::\\d+)?)[:/]")]
    private static partial Regex ModelInAddress();

    [GeneratedRegex("\"(image_url|inlineData|inline_data|input_image|image)\"")]
    private static partial Regex Images();

    [GeneratedRegex("\"(document|input_file)\"|\"type\":\"file\"")]
    private static partial Regex Files();

    [GeneratedRegex(
        "\"reasoning_effort\":\"(low|medium|high)\"|\"effort\":\"(low|medium|high)\"|\"type\":\"enabled\"|\"thinkingBudget\":[1-9]|\"thinkingLevel\""
    )]
    private static partial Regex Thoughts();

    [GeneratedRegex("\"type\":\"json_schema\"|\"responseSchema\"|\"responseJsonSchema\"")]
    private static partial Regex Schemas();

    [GeneratedRegex("\"(?:max_tokens|max_completion_tokens|max_output_tokens|maxOutputTokens|maxTokens)\":(\\d{1,9})\\b")]
    private static partial Regex Limit();
}
