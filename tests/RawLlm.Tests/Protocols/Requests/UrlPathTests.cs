using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

public sealed class UrlPathTests
{
    [Theory]
    [InlineData("https://api.openai.com", "https://api.openai.com/v1/chat/completions")]
    [InlineData("https://api.openai.com/", "https://api.openai.com/v1/chat/completions")]
    [InlineData("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions")]
    [InlineData("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions")]
    [InlineData("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions")]
    [InlineData("https://api.openai.com/v1/chat/completions/", "https://api.openai.com/v1/chat/completions")]
    [InlineData("http://localhost:11434", "http://localhost:11434/v1/chat/completions")]
    [InlineData("http://[::1]:8080/v1", "http://[::1]:8080/v1/chat/completions")]
    [InlineData("https://api.z.ai/api/paas/v4", "https://api.z.ai/api/paas/v4/chat/completions")]
    [InlineData("https://api.z.ai/api/paas/v4/", "https://api.z.ai/api/paas/v4/chat/completions")]
    [InlineData("https://api.z.ai/api/paas/v4/chat/completions", "https://api.z.ai/api/paas/v4/chat/completions")]
    [InlineData(
        "https://generativelanguage.googleapis.com/v1beta/openai/",
        "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"
    )]
    [InlineData("https://router.example.org/my%20team/v1/", "https://router.example.org/my%20team/v1/chat/completions")]
    public void Join_RootIsV1_AddsRootOnlyToBareUrl(string baseUrl, string expected) =>
        Assert.Equal(expected, UrlPath.Join(new Uri(baseUrl), "v1", "chat/completions").AbsoluteUri);

    [Theory]
    [InlineData("https://api.perplexity.ai", "https://api.perplexity.ai/chat/completions")]
    [InlineData("https://api.perplexity.ai/", "https://api.perplexity.ai/chat/completions")]
    [InlineData("https://api.perplexity.ai/chat/completions", "https://api.perplexity.ai/chat/completions")]
    [InlineData("https://proxy.example.org/perplexity", "https://proxy.example.org/perplexity/chat/completions")]
    public void Join_RootIsEmpty_AddsNothing(string baseUrl, string expected) =>
        Assert.Equal(expected, UrlPath.Join(new Uri(baseUrl), "", "chat/completions").AbsoluteUri);

    [Theory]
    [InlineData("https://api.openai.com", "https://api.openai.com/v1/models")]
    [InlineData("https://api.openai.com/v1/", "https://api.openai.com/v1/models")]
    [InlineData("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/models")]
    [InlineData("https://api.openai.com/v1/chat/completions/", "https://api.openai.com/v1/models")]
    [InlineData("https://proxy.example.org/chat/completions", "https://proxy.example.org/models")]
    public void Join_BaseUrlEndsWithMainPath_ReplacesMainPath(string baseUrl, string expected) =>
        Assert.Equal(expected, UrlPath.Join(new Uri(baseUrl), "v1", "models", "chat/completions").AbsoluteUri);

    [Fact]
    public void WriteRequest_RootPathOfDialect_IsUsed()
    {
        var protocol = new ChatCompletionsProtocol { RootPath = "" };

        Assert.Equal(
            "https://api.perplexity.ai/chat/completions",
            WrittenRequest.Of(protocol, "Hello", baseUrl: "https://api.perplexity.ai").Url
        );
    }
}
