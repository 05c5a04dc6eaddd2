using System.Net;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Protocols.Errors;

public sealed class ContentTypeCheckTests
{
    private const string Page = "<!DOCTYPE html><html><head><title>Sign in to \u202EWiFi</title></head><body>secret-body</body></html>";

    [Theory]
    [InlineData("text/html", Page, true)]
    [InlineData("text/html", "", true)]
    [InlineData("application/xhtml+xml", "x", true)]
    [InlineData("application/json", Page, true)]
    [InlineData(null, "  \n<html>", true)]
    [InlineData(null, "\uFEFF<html>", true)]
    [InlineData("application/json", "{}", false)]
    [InlineData("text/plain", "hello", false)]
    [InlineData("text/event-stream", "", false)]
    [InlineData(null, "", false)]
    public void Check_AnyBody_DetectsWebPages(string? mediaType, string body, bool isPage) =>
        Assert.Equal(isPage, ContentTypeCheck.Check(200, mediaType, Encoding.UTF8.GetBytes(body)) is not null);

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json")]
    [Case(42)]
    public async Task SendAsync_WebPageWithStatus200_ThrowsUnexpectedContentType(string mediaType)
    {
        using var http = Mock(mediaType);
        using var client = Client(http);

        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));

        AssertPage(error);
        Assert.Equal(200, error.Status);
    }

    [Theory]
    [InlineData("text/html")]
    [Case(42)]
    public async Task StreamAsync_WebPageWithStatus200_ThrowsUnexpectedContentType(string mediaType)
    {
        using var http = Mock(mediaType);
        using var client = Client(http);

        AssertPage(await Assert.ThrowsAsync<LlmException>(() => client.StreamAsync("Hi")));
    }

    [Fact]
    public async Task StreamAsync_WebPageWithJsonMediaType_ThrowsUnexpectedContentType()
    {
        using var http = Mock("application/json");
        using var client = Client(http);
        await using var stream = await client.StreamAsync("Hi");

        AssertPage(await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync()));
    }

    [Fact]
    public async Task ListModelsAsync_WebPageWithStatus200_ThrowsUnexpectedContentType()
    {
        using var http = Mock("text/html");
        using var client = Client(http);

        AssertPage(await Assert.ThrowsAsync<LlmException>(() => client.ListModelsAsync()));
    }

    private static void AssertPage(LlmException error)
    {
        Assert.Equal(LlmErrorKind.UnexpectedContentType, error.Kind);
        Assert.False(error.IsRetryable);
        Assert.Contains(@"titled 'Sign in to \u202EWiFi'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-body", error.Message, StringComparison.Ordinal);
        Assert.Equal("test", error.Provider);
    }

    private static MockHttpMessageHandler Mock(string mediaType)
    {
        var http = new MockHttpMessageHandler();
        http.When("*")
            .Respond(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Page, Encoding.UTF8, mediaType) });
        return http;
    }

    private static LlmClient Client(MockHttpMessageHandler http) =>
        new(
            new Provider("test", new Uri("https://service.example"), new FixedRequestProtocol(), Credential.None),
            "model",
            http: http.ToHttpClient()
        );
}
