using RawLlm.Protocols;
using RawLlm.Tests.Contract;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Catalog;

public sealed class CostTests
{
    private static readonly Price Simple = new(1m, 10m)
    {
        CachedInput = 0.1m,
        CacheWrite = 2m,
        CacheWriteOneHour = 4m,
    };

    public static TheoryData<string, Usage, UsageConvention, decimal> Sums =>
        new()
        {
            {
                "plain",
                new() { InputTokens = 1000, OutputTokens = 100 },
                UsageConvention.Inclusive,
                2_000m
            },
            {
                "cached inside",
                new()
                {
                    InputTokens = 1000,
                    CachedInputTokens = 400,
                    OutputTokens = 0,
                },
                UsageConvention.Inclusive,
                640m
            },
            {
                "cached and written inside",
                new()
                {
                    InputTokens = 1000,
                    CachedInputTokens = 400,
                    CacheWriteTokens = 500,
                    OutputTokens = 0,
                },
                UsageConvention.Inclusive,
                1_140m
            },
            {
                "more cached than there was",
                new()
                {
                    InputTokens = 7,
                    CachedInputTokens = 161,
                    OutputTokens = 8,
                },
                UsageConvention.Inclusive,
                80.7m
            },
            {
                "cache on top",
                new()
                {
                    InputTokens = 1000,
                    CachedInputTokens = 400,
                    CacheWriteTokens = 500,
                    OutputTokens = 0,
                },
                UsageConvention.CacheOnTop,
                2_040m
            },
            {
                "cache on top, part of it for an hour",
                new()
                {
                    InputTokens = 0,
                    CacheWriteTokens = 500,
                    CacheWriteOneHourTokens = 100,
                    OutputTokens = 0,
                },
                UsageConvention.CacheOnTop,
                1_200m
            },
            {
                "a conversation summed up beside it",
                new()
                {
                    InputTokens = 23_000,
                    OutputTokens = 1000,
                    Compaction = new()
                    {
                        InputTokens = 180_000,
                        CachedInputTokens = 100,
                        OutputTokens = 3500,
                    },
                },
                UsageConvention.CacheOnTop,
                23_000m + 10_000m + 180_000m + 10m + 35_000m
            },
            {
                "reasoning inside",
                new()
                {
                    InputTokens = 0,
                    OutputTokens = 100,
                    ReasoningTokens = 60,
                },
                UsageConvention.Inclusive,
                1_000m
            },
            {
                "reasoning on top",
                new()
                {
                    InputTokens = 0,
                    OutputTokens = 100,
                    ReasoningTokens = 60,
                },
                UsageConvention.ReasoningOnTop,
                1_600m
            },
            {
                "reasoning on top, as the sum shows",
                new()
                {
                    InputTokens = 12,
                    OutputTokens = 1,
                    ReasoningTokens = 290,
                    TotalTokens = 303,
                },
                UsageConvention.Inclusive,
                2_922m
            },
            {
                "reasoning inside, as the sum shows",
                new()
                {
                    InputTokens = 15,
                    OutputTokens = 220,
                    ReasoningTokens = 238,
                    TotalTokens = 235,
                },
                UsageConvention.Inclusive,
                2_215m
            },
            {
                "reasoning told by the sum alone",
                new()
                {
                    InputTokens = 5,
                    OutputTokens = 10,
                    TotalTokens = 115,
                },
                UsageConvention.ReasoningOnTop,
                1_105m
            },
        };

    [Theory]
    [MemberData(nameof(Sums))]
    public void CostSum_OfUsage_FollowsUsageConvention(string what, Usage usage, UsageConvention convention, decimal millionths) =>
        Assert.True(CostSum.Of(usage, Simple, convention) == millionths / 1_000_000m, $"{what}: {CostSum.Of(usage, Simple, convention)}");

    [Theory]
    [InlineData("""{"promptTokenCount":23,"candidatesTokenCount":35,"totalTokenCount":347,"toolUsePromptTokenCount":289}""", 312, 35)]
    [InlineData(
        """{"promptTokenCount":55,"candidatesTokenCount":51,"totalTokenCount":251,"toolUsePromptTokenCount":89,"thoughtsTokenCount":56}""",
        144,
        107
    )]
    public void CostSum_GeminiToolUseTokens_ArePricedAsInput(string usage, int input, int output)
    {
        using var events = new EventBuffer();
        byte[] body = System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"candidates":[{"content":{"parts":[{"text":"ok"}]},"finishReason":"STOP"}],"usageMetadata":{{{usage}}}}"""
        );
        Providers.Gemini.Protocol.ReadReply(body, events);
        Usage? read = null;
        while (events.MoveNext())
            read = events.Current.Kind == StreamEventKind.Usage ? events.Current.Usage : read;

        Assert.Equal((input + (10m * output)) / 1_000_000m, CostSum.Of(read!, Simple, UsageConvention.ReasoningOnTop));
    }

    [Fact]
    public void CostSum_UsageOrPriceIsIncomplete_IsNull()
    {
        Assert.Null(CostSum.Of(new() { OutputTokens = 5 }, Simple, default));
        Assert.Null(CostSum.Of(new() { InputTokens = 5 }, Simple, default));
        Assert.Equal(0.000005m, CostSum.Of(new() { InputTokens = 5 }, new Price(1, 0), default));
        Assert.Null(
            CostSum.Of(
                new()
                {
                    InputTokens = 5,
                    AudioInputTokens = 3,
                    OutputTokens = 0,
                },
                Simple,
                default
            )
        );
        Assert.Null(
            CostSum.Of(
                new()
                {
                    InputTokens = 5,
                    OutputTokens = 9,
                    AudioOutputTokens = 3,
                },
                Simple,
                default
            )
        );
        Assert.Equal(
            0.0003m + 0.000002m,
            CostSum.Of(
                new()
                {
                    InputTokens = 5,
                    AudioInputTokens = 3,
                    OutputTokens = 0,
                },
                Simple with
                {
                    AudioInput = 100,
                },
                default
            )
        );
    }

    [Fact]
    public void CostSum_SumsOverflow_IsNull()
    {
        Assert.Null(CostSum.Of(new() { InputTokens = long.MaxValue, OutputTokens = 0 }, new Price(decimal.MaxValue / 10, 1), default));
        Assert.Null(
            CostSum.Of(
                new()
                {
                    InputTokens = long.MaxValue,
                    CachedInputTokens = long.MaxValue,
                    OutputTokens = 0,
                },
                Simple with
                {
                    LongPromptTokens = 1000,
                    LongPrompt = new Price(2, 20),
                },
                UsageConvention.CacheOnTop
            )
        );
        // Without the check, the difference would become positive and count as reasoning.
        Assert.Null(
            CostSum.Of(
                new()
                {
                    InputTokens = long.MaxValue,
                    OutputTokens = long.MaxValue,
                    TotalTokens = 1,
                },
                Simple,
                UsageConvention.ReasoningOnTop
            )
        );
    }

    [Fact]
    public void CostSum_LongPrompt_UsesLongPromptPrice()
    {
        var price = Simple with
        {
            LongPromptTokens = 1000,
            LongPrompt = new Price(2, 20) { CachedInput = 0.2m },
            PerRequest = 0.01m,
        };

        Assert.Equal(0.001m + 0.01m, CostSum.Of(new() { InputTokens = 1000, OutputTokens = 0 }, price, default));
        Assert.Equal(0.002002m + 0.01m, CostSum.Of(new() { InputTokens = 1001, OutputTokens = 0 }, price, default));
        Assert.Equal(
            0.002m + 0.00002m + 0.01m,
            CostSum.Of(
                new()
                {
                    InputTokens = 1000,
                    CachedInputTokens = 100,
                    OutputTokens = 0,
                },
                price,
                UsageConvention.CacheOnTop
            )
        );
    }

    [Theory]
    [InlineData("anthropic", "claude-sonnet-4-20250514", 3, 15)]
    [InlineData("anthropic", "claude-opus-4-20250514", 15, 75)]
    [InlineData("openai", "gpt-4o", 2.5, 10)]
    [InlineData("openai", "gpt-4o-2024-11-20", 2.5, 10)]
    [InlineData("openai", "o3-mini", 1.1, 4.4)]
    [InlineData("gemini", "gemini-2.5-pro", 1.25, 10)]
    [InlineData("mistral", "mistral-large-2411", 2, 6)]
    [InlineData("mistral", "mistral-large", 2, 6)]
    [InlineData("glm", "glm-4.7", 0.6, 2.2)]
    [InlineData("bedrock", "anthropic.claude-sonnet-4-20250514-v1:0", 3, 15)]
    [InlineData("bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", 3, 15)]
    [InlineData("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 3.3, 16.5)]
    [InlineData("groq", "llama-3.3-70b-versatile", 0.59, 0.79)]
    [InlineData("xai", "grok-4-fast", 0.2, 0.5)]
    [InlineData("xai", "grok-4.7", 2, 6)]
    [InlineData("anthropic", "claude-opus-5-5", 4, 20)]
    [InlineData("anthropic-vertex", "claude-sonnet-5-5", 2, 10)]
    [InlineData("openai-responses", "gpt-6.1-sol-2026-09-29", 2, 10)]
    [InlineData("openai", "gpt-6.1-terra", 1, 5)]
    [InlineData("openai", "gpt-5.6-terra", 2, 12)]
    [InlineData("gemini", "gemini-3.8-flash", 0.75, 3.75)]
    [InlineData("mistral", "mistral-small-latest", 0.15, 0.6)]
    [InlineData("moonshot", "kimi-k2.6", 0.95, 4)]
    [InlineData("bedrock", "global.anthropic.claude-opus-5-5", 4, 20)]
    [InlineData("bedrock", "jp.anthropic.claude-opus-5-5", 4.4, 22)]
    [InlineData("bedrock", "us.anthropic.claude-opus-4-6-v1", 5.5, 27.5)]
    [InlineData("bedrock", "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", 3.3, 16.5)]
    public void BuiltIn_KnownModel_HasExpectedPrice(string provider, string model, double input, double output)
    {
        var price = PriceTable.BuiltIn.Find(Providers.Get(provider), model)!;

        Assert.Equal(((decimal)input, (decimal)output), (price.Input, price.Output));
    }

    // Tokens, as the wire counts them: input, cached input, written to the cache, written to it for an hour, output.
    [Theory]
    [InlineData("anthropic", "claude-haiku-5-5", 100_000, 0, 0, 0, 1000, "0.0105")]
    [InlineData("anthropic", "claude-haiku-5-5", 60_001, 40_000, 0, 0, 1000, "0.0345005")]
    [InlineData("anthropic", "claude-opus-5-5", 1000, 10_000, 10_000, 10_000, 1000, "0.156")]
    [InlineData("anthropic", "claude-fable-5-1", 0, 100_000, 0, 0, 0, "0.025")]
    [InlineData("anthropic", "claude-sonnet-5-5", 0, 100_000, 0, 0, 0, "0.01")]
    [InlineData("openai", "gpt-5.6-luna", 272_000, 0, 0, 0, 1000, "0.0556")]
    [InlineData("openai", "gpt-5.6-luna", 272_001, 0, 0, 0, 1000, "0.1106004")]
    [InlineData("openai", "gpt-6-astra", 300_000, 100_000, 0, 0, 1000, "4.275")]
    [InlineData("openai", "gpt-6.1-sol", 300_000, 100_000, 0, 0, 1000, "0.835")]
    [InlineData("openai", "gpt-6-luna", 1000, 1000, 0, 0, 1000, "0.00051")]
    [InlineData("xai-responses", "grok-4.5", 199_999, 0, 0, 0, 0, "0.399998")]
    [InlineData("xai-responses", "grok-4.5", 200_000, 100_000, 0, 0, 1000, "0.472")]
    [InlineData("xai", "grok-4.3", 200_000, 0, 0, 0, 1000, "0.505")]
    [InlineData("xai", "grok-4.20", 200_000, 0, 0, 0, 1000, "0.505")]
    [InlineData("xai", "grok-4", 128_000, 0, 0, 0, 1000, "0.798")]
    public void BuiltIn_LongPromptsAndCaches_HaveExpectedCost(
        string service,
        string model,
        long input,
        long cached,
        long written,
        long hour,
        long output,
        string expected
    )
    {
        var usage = new Usage
        {
            InputTokens = input,
            CachedInputTokens = cached,
            CacheWriteTokens = written + hour,
            CacheWriteOneHourTokens = hour,
            OutputTokens = output,
        };

        Assert.Equal(
            expected,
            PriceTable
                .BuiltIn.CostOf(Providers.Get(service), model, usage)!
                .Amount.ToString("0.#######", System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    [Fact]
    public void BuiltIn_PricesAsOf_IsDateOfModelPrice()
    {
        var usage = new Usage { InputTokens = 1_000_000, OutputTokens = 0 };

        Assert.Equal("$1.25 (built-in prices of 2026-07-09)", PriceTable.BuiltIn.CostOf(Providers.OpenAI, "gpt-5", usage)!.ToString());
        Assert.Equal("$2 (built-in prices of 2026-10-27)", PriceTable.BuiltIn.CostOf(Providers.OpenAI, "gpt-6.1-terra", usage)!.ToString());
        Assert.Equal(new DateOnly(2026, 10, 24), PriceTable.BuiltIn.CostOf(Providers.Anthropic, "claude-haiku-5-5", usage)!.PricesAsOf);
        Assert.Equal(new DateOnly(2025, 7, 4), PriceTable.BuiltIn.AsOf);
    }

    [Fact]
    public void BuiltIn_AllPrices_ArePlausible() =>
        Assert.All(
            PriceTable.BuiltIn.Models,
            name =>
            {
                string[] parts = name.Split(':', 2);
                var price = PriceTable.BuiltIn.Find(parts[0], parts[1])!;
                Assert.InRange(price.Input, 0.01m, 200m);
                Assert.InRange(price.Output, 0m, 1000m);
                Assert.True(
                    (price.CachedInput ?? 0) <= price.Input
                        && (price.CacheWrite ?? price.Input) >= price.Input
                        && (price.CacheWriteOneHour ?? decimal.MaxValue) > (price.CacheWrite ?? 0),
                    name
                );
                Assert.True(price.LongPrompt is null || (price.LongPrompt.Input > price.Input && price.LongPromptTokens >= 100000), name);
            }
        );

    [Fact]
    public void CostOf_UnknownPriceOrUsage_IsNull()
    {
        var usage = new Usage { InputTokens = 5, OutputTokens = 5 };

        Assert.Null(PriceTable.BuiltIn.CostOf(Providers.OpenAI, "model-of-next-year", usage));
        Assert.Null(PriceTable.BuiltIn.CostOf(Providers.OpenAI, "gpt-4o", null));
        Assert.Null(PriceTable.BuiltIn.CostOf(Providers.Ollama, "llama3:8b", usage));
        Assert.Null(PriceTable.BuiltIn.CostOf(Providers.GlmCoding, "glm-4.7", usage));
        Assert.Null(PriceTable.Empty.CostOf(Providers.OpenAI, "gpt-4o", usage));
        Assert.Equal(
            new Cost(0m, CostSource.Reported),
            PriceTable.Empty.CostOf(Providers.OpenRouter, "x:free", usage with { ReportedCost = 0 })
        );
    }

    [Fact]
    public void With_OwnPrice_OverridesBuiltInAndIsReported()
    {
        var table = PriceTable
            .BuiltIn.With("azure", "my-deployment", new Price(1, 2), new DateOnly(2026, 11, 1))
            .With("openai", "gpt-4o", new Price(2, 8));
        var usage = new Usage { InputTokens = 1_000_000, OutputTokens = 0 };

        Assert.Equal(
            new Cost(1m, CostSource.Table) { Prices = "own prices", PricesAsOf = new(2026, 11, 1) },
            table.CostOf(Providers.AzureOpenAI, "my-deployment", usage)
        );
        Assert.Equal(2m, table.CostOf(Providers.OpenAIResponses, "gpt-4o-2024-08-06", usage)!.Amount);
        Assert.Equal("$1 (own prices of 2026-11-01)", table.CostOf(Providers.AzureOpenAI, "my-deployment", usage)!.ToString());
        Assert.Equal(2.5m, PriceTable.BuiltIn.CostOf(Providers.AzureOpenAI, "gpt-4o", usage)!.Amount);
        Assert.Equal(new Price(2, 8), table.Or(PriceTable.BuiltIn).Find("openai", "gpt-4o"));
        Assert.Equal(new Price(2.5m, 10) { CachedInput = 1.25m }, PriceTable.BuiltIn.Or(table).Find("openai", "gpt-4o"));
    }

    public static TheoryData<string, string, string, string> Priced =>
        new()
        {
            { "openai", "gpt-4o", "0.0035", "2026-07-09" },
            { "openai-responses", "gpt-4o", "0.0035", "2026-07-09" },
            { "anthropic", "claude-sonnet-4-20250514", "0.0045", "2026-07-09" },
            { "gemini", "gemini-2.5-pro", "0.00225", "2026-07-09" },
            { "bedrock", "anthropic.claude-sonnet-4-20250514-v1:0", "0.0045", "2026-07-09" },
            { "mistral", "mistral-large-2411", "0.0026", "2025-07-04" },
        };

    [Theory]
    [MemberData(nameof(Priced))]
    public async Task Reply_NonStreamingAndStreaming_HasSameCost(string name, string model, string expected, string day)
    {
        var provider = ServiceRows.All.Single(row => row.Name == name).Provider;
        var cost = new Cost(decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), CostSource.Table)
        {
            Prices = "built-in prices",
            PricesAsOf = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture),
        };
        using var whole = MockService.Json(Answers.Whole(provider.Protocol));
        var (body, mediaType) = Answers.Stream(provider.Protocol);
        using var streamed = MockService.OfBytes(body, mediaType);
        using var wholeClient = new LlmClient(provider with { Credential = Credential.Bearer("k") }, model, null, whole.Http);
        using var streamClient = new LlmClient(provider with { Credential = Credential.Bearer("k") }, model, null, streamed.Http);

        var reply = await wholeClient.SendAsync("Hello");
        await using var stream = await streamClient.StreamAsync("Hello");
        Assert.Null(stream.Cost);
        var streamedReply = await stream.ReplyAsync();

        Assert.Equal((cost, cost, cost), (reply.Cost!, streamedReply.Cost!, stream.Cost!));
        Assert.Equal(cost, wholeClient.CostOf(reply.Usage));
    }

    [Fact]
    public async Task Reply_CostReportedByService_OverridesPriceTable()
    {
        using var service = MockService.Json(
            """{"id":"resp_1","model":"perplexity/sonar","status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]}],"usage":{"input_tokens":70,"output_tokens":28,"total_tokens":98,"cost":{"currency":"USD","input_cost":0.00002,"output_cost":0.00007,"tool_calls_cost":0.005,"total_cost":0.00509}}}"""
        );
        using var client = service.Client(Providers.Perplexity, "perplexity/sonar");

        var reply = await client.SendAsync("Hello");

        Assert.Equal(new Cost(0.00509m, CostSource.Reported), reply.Cost);
        Assert.Equal("$0.00509 (reported by the service)", reply.Cost!.ToString());
    }

    [Theory]
    [InlineData("0.0123", "0.0123")]
    [InlineData("1.5e-05", "0.000015")]
    [InlineData("None", null)]
    [InlineData("0", null)]
    public void ResponseHead_LiteLlmCostHeader_IsRead(string header, string? expected) =>
        Assert.Equal(
            expected,
            ResponseHead.Cost([new("x-litellm-response-cost", header)])?.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );

    [Theory]
    [InlineData("-3", null)]
    [InlineData("0", 0)]
    [InlineData("3", 3)]
    public async Task ReportedCost_Negative_IsIgnored(string said, int? cost)
    {
        using var service = MockService.Json(
            $$$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"cost":{{{said}}}}}"""
        );
        using var client = service.Client(Providers.OpenRouter, "m");
        var reply = await client.SendAsync("x");
        Assert.Equal((cost, 1), (reply.Usage!.ReportedCost, reply.Usage.InputTokens));
    }
}
