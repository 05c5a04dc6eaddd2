using RawLlm.Tests.Contract;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Chat;

/// <summary>Usage as services report it, converted to a single way of counting.</summary>
public sealed class UsageTests
{
    public static TheoryData<UsageConvention, Usage, Usage> Conventions =>
        new()
        {
            {
                UsageConvention.Inclusive,
                new()
                {
                    InputTokens = 10,
                    OutputTokens = 5,
                    CachedInputTokens = 4,
                },
                new()
                {
                    InputTokens = 10,
                    OutputTokens = 5,
                    TotalTokens = 15,
                    CachedInputTokens = 4,
                }
            },
            {
                UsageConvention.Inclusive,
                new()
                {
                    InputTokens = 10,
                    OutputTokens = 5,
                    TotalTokens = 16,
                },
                new()
                {
                    InputTokens = 10,
                    OutputTokens = 5,
                    TotalTokens = 16,
                }
            },
            {
                UsageConvention.Inclusive,
                new() { InputTokens = 10, TotalTokens = 10 },
                new() { InputTokens = 10, TotalTokens = 10 }
            },
            {
                UsageConvention.Inclusive,
                new() { InputTokens = 10 },
                new() { InputTokens = 10 }
            },
            {
                UsageConvention.Inclusive,
                new()
                {
                    InputTokens = 12,
                    OutputTokens = 1,
                    ReasoningTokens = 290,
                    TotalTokens = 303,
                },
                new()
                {
                    InputTokens = 12,
                    OutputTokens = 291,
                    ReasoningTokens = 290,
                    TotalTokens = 303,
                }
            },
            {
                UsageConvention.CacheOnTop,
                new()
                {
                    InputTokens = 10,
                    OutputTokens = 5,
                    CachedInputTokens = 4,
                    CacheWriteTokens = 1,
                },
                new()
                {
                    InputTokens = 15,
                    OutputTokens = 5,
                    TotalTokens = 20,
                    CachedInputTokens = 4,
                    CacheWriteTokens = 1,
                }
            },
            {
                UsageConvention.CacheOnTop,
                new()
                {
                    InputTokens = 1,
                    OutputTokens = 1,
                    Compaction = new()
                    {
                        InputTokens = 2,
                        OutputTokens = 3,
                        CachedInputTokens = 4,
                    },
                },
                new()
                {
                    InputTokens = 1,
                    OutputTokens = 1,
                    TotalTokens = 2,
                    Compaction = new()
                    {
                        InputTokens = 6,
                        OutputTokens = 3,
                        CachedInputTokens = 4,
                        TotalTokens = 9,
                    },
                }
            },
            {
                UsageConvention.ReasoningOnTop,
                new()
                {
                    InputTokens = 10,
                    OutputTokens = 5,
                    ReasoningTokens = 7,
                },
                new()
                {
                    InputTokens = 10,
                    OutputTokens = 12,
                    TotalTokens = 22,
                    ReasoningTokens = 7,
                }
            },
            {
                UsageConvention.ReasoningOnTop,
                new()
                {
                    InputTokens = 5,
                    OutputTokens = 10,
                    TotalTokens = 115,
                },
                new()
                {
                    InputTokens = 5,
                    OutputTokens = 110,
                    TotalTokens = 115,
                }
            },
            {
                UsageConvention.CacheOnTop,
                new()
                {
                    InputTokens = long.MaxValue,
                    OutputTokens = 1,
                    CachedInputTokens = 1,
                },
                new() { OutputTokens = 1, CachedInputTokens = 1 }
            },
            {
                UsageConvention.ReasoningOnTop,
                new()
                {
                    InputTokens = long.MinValue,
                    OutputTokens = long.MinValue,
                    TotalTokens = long.MaxValue,
                },
                new() { InputTokens = long.MinValue, TotalTokens = long.MaxValue }
            },
        };

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Normalize_AnyConvention_ReturnsInclusiveUsage(UsageConvention convention, Usage said, Usage expected) =>
        Assert.Equal(expected, said.Normalize(convention));

    [Fact]
    public void ToString_Usage_ShowsOnlyReportedValues()
    {
        Assert.Equal(
            "10 in, 5 out, 4 cached",
            new Usage
            {
                InputTokens = 10,
                OutputTokens = 5,
                TotalTokens = 15,
                CachedInputTokens = 4,
                ReasoningTokens = 0,
            }.ToString()
        );
        Assert.Equal(
            "10 in, 5 out, 22 total, 7 reasoning",
            new Usage
            {
                InputTokens = 10,
                OutputTokens = 5,
                TotalTokens = 22,
                ReasoningTokens = 7,
            }.ToString()
        );
        Assert.Equal(
            "8 in, 8 total, 0.25 USD",
            new Usage
            {
                InputTokens = 8,
                TotalTokens = 8,
                ReportedCost = 0.25m,
            }.ToString()
        );
        Assert.Equal(
            "1 in, 2 out, 3 in, 4 out for compaction",
            new Usage
            {
                InputTokens = 1,
                OutputTokens = 2,
                Compaction = new() { InputTokens = 3, OutputTokens = 4 },
            }.ToString()
        );
        Assert.Equal("not reported", new Usage().ToString());
    }

    [Theory]
    [InlineData("anthropic", UsageConvention.CacheOnTop)]
    [InlineData("gemini", UsageConvention.ReasoningOnTop)]
    [InlineData("ollama", UsageConvention.Inclusive)]
    public async Task UsageConvention_ReplyOfService_IsConventionOfService(string name, UsageConvention expected)
    {
        var provider = Providers.Get(name).WithKey("k");
        using var http = new MockHttpMessageHandler();
        var (body, mediaType) = Answers.Stream(provider.Protocol);
        http.Expect("*").Respond("application/json", Answers.Whole(provider.Protocol));
        http.Expect("*").Respond(mediaType, new MemoryStream(body));
        using var client = new LlmClient(provider, "m", http: http.ToHttpClient());

        var whole = await client.SendAsync("Why?");
        var streamed = await (await client.StreamAsync("Why?")).ReplyAsync();

        Assert.Equal((expected, 1100L), (whole.UsageConvention!.Value, whole.Usage!.Normalize(expected).TotalTokens!.Value));
        Assert.Equal((expected, 1100L), (streamed.UsageConvention!.Value, streamed.Usage!.Normalize(expected).TotalTokens!.Value));
    }
}
