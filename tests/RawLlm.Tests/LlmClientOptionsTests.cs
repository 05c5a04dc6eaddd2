using System.Reflection;

namespace RawLlm.Tests;

public sealed class LlmClientOptionsTests
{
    [Fact]
    public void ToString_OptionsSet_ListsAllMembersInOrder()
    {
        var options = new LlmClientOptions { Strict = true };
        var members = typeof(LlmClientOptions)
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(member => $"{member.Name} = {member.GetValue(options)}");
        Assert.Equal($"LlmClientOptions {{ {string.Join(", ", members)} }}", options.ToString());
    }

    [Fact]
    public void Prices_NotSet_AreBuiltIn()
    {
        Assert.Same(PriceTable.BuiltIn, LlmClientOptions.Default.Prices);
        Assert.Same(PriceTable.BuiltIn, (LlmClientOptions.Default with { Strict = true }).Prices);
        Assert.Same(PriceTable.Empty, new LlmClientOptions { Prices = PriceTable.Empty }.Prices);
        Assert.Equal(LlmClientOptions.Default with { Prices = PriceTable.BuiltIn }, LlmClientOptions.Default);
    }

    [Fact]
    public void Budgets_InOptions_AreComparedAndPrinted()
    {
        var budget = new Budget(new BudgetLimits { MaxCost = 1 });
        var options = new LlmClientOptions
        {
            Budget = budget,
            CallBudget = new() { MaxOutputTokens = 2 },
        };

        Assert.Same(budget, options.Budget);
        Assert.Equal(
            options,
            new LlmClientOptions
            {
                Budget = budget,
                CallBudget = new() { MaxOutputTokens = 2 },
            }
        );
        Assert.NotEqual(options, options with { CallBudget = new() { MaxOutputTokens = 3 } });
        Assert.NotEqual(options, options with { Budget = new Budget(new BudgetLimits { MaxCost = 1 }) });
        Assert.Contains($"Budget = {budget}, CallBudget = {new BudgetLimits { MaxOutputTokens = 2 }}", options.ToString());
    }

    // A record compares its fields with comparers of their types; one of a budget's type would link all of its code into a native program,
    // even if unused.
    [Theory]
    [InlineData(typeof(Budget))]
    [InlineData(typeof(BudgetLimits))]
    public void Fields_InOptions_HaveNoBudgetType(Type type) =>
        Assert.DoesNotContain(
            type,
            typeof(LlmClientOptions).GetFields(BindingFlags.NonPublic | BindingFlags.Instance).Select(field => field.FieldType)
        );

    [Fact]
    public void Members_Null_ThrowArgumentNullException()
    {
        Assert.Throws<ArgumentNullException>(() => new LlmClientOptions { Limits = null! });
        Assert.Throws<ArgumentNullException>(() => new LlmClientOptions { Timeouts = null! });
        Assert.Throws<ArgumentNullException>(() => new LlmClientOptions { Retries = null! });
        Assert.Throws<ArgumentNullException>(() => new LlmClientOptions { Time = null! });
    }

    [Fact]
    public void LlmClient_ProviderWithNullMember_ThrowsArgumentNullException()
    {
        var provider = Providers.OpenAI with { Credential = Credential.None };
        Assert.Throws<ArgumentNullException>(() => new LlmClient(provider with { BaseUrl = null! }, "m"));
        Assert.Throws<ArgumentNullException>(() => new LlmClient(provider with { Protocol = null! }, "m"));
        Assert.Throws<ArgumentNullException>(() => new LlmClient(provider with { Credential = null! }, "m"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    [InlineData(double.NegativeInfinity)]
    public void Timeouts_ZeroOrNegative_AreRejectedWithAdvice(double milliseconds)
    {
        var time = double.IsNegativeInfinity(milliseconds) ? TimeSpan.MinValue : TimeSpan.FromMilliseconds(milliseconds);
        Func<object>[] all =
        [
            () => new LlmTimeouts { Connect = time },
            () => new LlmTimeouts { StreamHeaders = time },
            () => new LlmTimeouts { ReplyHeaders = time },
            () => new LlmTimeouts { FirstEvent = time },
            () => new LlmTimeouts { Idle = time },
            () => new LlmTimeouts { Stall = time },
            () => new LlmTimeouts { ReplyDeadline = time },
            () => new LlmTimeouts { StreamDeadline = time },
        ];
        foreach (var make in all)
            Assert.Contains("Timeout.InfiniteTimeSpan", Assert.Throws<ArgumentOutOfRangeException>(make).Message, StringComparison.Ordinal);
        Assert.Equal(Timeout.InfiniteTimeSpan, new LlmTimeouts { Idle = Timeout.InfiniteTimeSpan }.Idle);
        Assert.Equal(TimeSpan.MaxValue, new LlmTimeouts { Stall = TimeSpan.MaxValue }.Stall);
    }

    [Fact]
    public void Numbers_OutOfRange_AreRejectedWithBounds()
    {
        Assert.Contains("at least 1", Refused(() => new LlmLimits { StreamBytes = 0 }), StringComparison.Ordinal);
        Assert.Contains("at least 1", Refused(() => new LlmLimits { EventBytes = -1 }), StringComparison.Ordinal);
        Assert.Contains("between 1 and 256", Refused(() => new LlmLimits { JsonDepth = 257 }), StringComparison.Ordinal);
        Assert.Contains(
            "at least 1",
            Refused(() => new RawLlm.Protocols.AnthropicProtocol { DefaultMaxTokens = 0 }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "at least 1",
            Refused(() => new RawLlm.Protocols.ChatCompletionsProtocol { EmbeddingBatchSize = 0 }),
            StringComparison.Ordinal
        );

        static string Refused(Func<object> make) => Assert.Throws<ArgumentOutOfRangeException>("value", make).Message;
    }

    [Fact]
    public void LlmRetries_NegativeDelays_AreRejected()
    {
        var time = TimeSpan.FromTicks(-1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LlmRetries { MaxRetryAfter = time });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LlmRetries { BaseDelay = time });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LlmRetries { MaxDelay = time });
        Assert.Equal(TimeSpan.Zero, new LlmRetries { MaxRetryAfter = TimeSpan.Zero }.MaxRetryAfter);
    }
}
