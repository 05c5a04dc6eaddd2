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
    [InlineData("arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0", "amazon.nova-pro")]
    [InlineData("models/gemini-2.5-pro", "gemini-2.5-pro")]
    [InlineData("llama3:8b", "llama3:8b")]
    public void Candidates_Name_HoldTheModelsOwn(string name, string expected) => Assert.Contains(expected, ModelName.Candidates(name));

    [Theory]
    [InlineData("claude-opus-4-8", "claude-opus-4")]
    [InlineData("gpt-4-1106-preview", "gpt-4")]
    [InlineData("model-12345678", "model")]
    [InlineData("gpt-4o-mini", "gpt-4o")]
    public void Candidates_OtherModels_AreNotTaken(string name, string other) => Assert.DoesNotContain(other, ModelName.Candidates(name));

    [Fact]
    public void KnownModels_AllLines_AreRead()
    {
        Assert.True(KnownModels.All.Count > 140, $"{KnownModels.All.Count}");
        Assert.All(KnownModels.All, known => Assert.Contains(known.Key.Split(':')[0], Providers.All().Select(provider => provider.CatalogName)));
    }
}
