namespace RawLlm.Tests.Catalog;

public sealed class ModelNameTests
{
    [Theory]
    [InlineData("claude-sonnet-4-20250514", "claude-sonnet-4")]
    [InlineData("claude-sonnet-4@20250514", "claude-sonnet-4")]
    [InlineData("GPT-4o-2024-08-06", "gpt-4o")]
    [InlineData("claude-3-5-haiku-latest", "claude-3-5-haiku")]
    [InlineData("anthropic.claude-sonnet-4-20250514-v1:0", "anthropic.claude-sonnet-4")]
    [InlineData("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-4-5")]
    [InlineData("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "regional.anthropic.claude-sonnet-4-5")]
    [InlineData("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "regional.anthropic.claude-sonnet-4-5")]
    [InlineData("arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0", "amazon.nova-pro")]
    [InlineData("models/gemini-2.5-pro", "gemini-2.5-pro")]
    [InlineData("llama3:8b", "llama3:8b")]
    public void Candidates_WithPrefixOrSuffix_ContainBareModelName(string name, string expected) =>
        Assert.Contains(expected, ModelName.Candidates(name));

    [Theory]
    [InlineData("claude-opus-4-8", "claude-opus-4")]
    [InlineData("gpt-4-1106-preview", "gpt-4")]
    [InlineData("model-12345678", "model")]
    [InlineData("gpt-4o-mini", "gpt-4o")]
    public void Candidates_SimilarName_DoNotContainOtherModel(string name, string other) =>
        Assert.DoesNotContain(other, ModelName.Candidates(name));

    [Fact]
    public void KnownModels_AllPricedModels_AreFound()
    {
        Assert.True(PriceTable.BuiltIn.Count > 140, $"{PriceTable.BuiltIn.Count}");
        Assert.All(
            PriceTable.BuiltIn.Models,
            known =>
            {
                string[] names = known.Split(':', 2);
                Assert.Contains(names[0], Providers.All().Select(provider => provider.CatalogName));
                Assert.NotNull(KnownModels.Table.Find(names[0], names[1]));
            }
        );
    }

    [Theory]
    [InlineData("anthropic", "claude-fable-5-1", 1000000L, 128000L)]
    [InlineData("anthropic", "claude-sonnet-4-6", 1000000L, 128000L)]
    [InlineData("anthropic", "claude-opus-5", 1000000L, 128000L)]
    [InlineData("openai", "gpt-6.1-sol-2026-09-29", 1050000L, 128000L)]
    [InlineData("OpenAI", "GPT-5.3-chat", null, 16384L)]
    [InlineData("gemini", "gemini-3.1-flash-lite-preview", 1048576L, 65536L)]
    [InlineData("bedrock", "us.amazon.nova-2-lite-v1:0", 1000000L, 64000L)]
    public void Find_FirstLastAndIrregularLines_AreFound(string provider, string model, long? context, long? output)
    {
        var known = KnownModels.Table.Find(provider, model);
        Assert.NotNull(known);
        Assert.Equal((context, output), (known.ContextTokens, known.MaxOutputTokens));
    }

    [Theory]
    [InlineData("openai", "claude-fable-5")]
    [InlineData("open", "gpt-5")]
    [InlineData("openai", "")]
    [InlineData("", "gpt-5")]
    [InlineData("openai", "[gemini]")]
    [InlineData("openai 2026-07-09", "gpt-5")]
    [InlineData("openai]", "gpt-5")]
    public void Find_UnknownModelOrProvider_ReturnsNull(string provider, string model) =>
        Assert.Null(KnownModels.Table.Find(provider, model));

    [Theory]
    [InlineData("model-20240229", "model")]
    [InlineData("model-20230229", null)]
    [InlineData("model-20241301", null)]
    [InlineData("model-00001231", null)]
    [InlineData("model-2024-02-29", "model")]
    [InlineData("model-2024x02-29", null)]
    [InlineData("model-20240230", null)]
    public void Candidates_WithSuffix_RemovesOnlyValidDate(string name, string? bare) =>
        Assert.Equal(bare ?? name, ModelName.Candidates(name)[^1]);
}
