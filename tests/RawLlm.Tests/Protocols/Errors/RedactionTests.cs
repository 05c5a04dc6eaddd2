using System.Globalization;
using System.Net;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Protocols.Errors;

public sealed class RedactionTests
{
    private const string Key = "sk-CanaryKey+0123456789/abcdef";

    [Theory]
    [InlineData("The key sk-CanaryKey+0123456789/abcdef is wrong.", "The key [redacted] is wrong.")]
    [InlineData("sk-CanaryKey+0123456789/abcdef", "[redacted]")]
    [InlineData("Incorrect: sk-Canar****.", "Incorrect: [redacted]****.")]
    [InlineData("sk-Cana**** and ****abcdef", "sk-Cana**** and ****abcdef")]
    [InlineData("SK-CANARYKEY+0123456789/ABCDEF!", "[redacted]!")]
    [InlineData("key=sk-CanaryKey%2B0123456789%2Fabcdef&x=1", "key=[redacted]&x=1")]
    [InlineData("%73%6B%2d%43%61%6e%61%72%79%4b%65%79 is wrong", "[redacted] is wrong")]
    [InlineData("""{\"key\":\"sk-CanaryKey\u002b0123456789\/abcdef\"}""", """{\"key\":\"[redacted]\"}""")]
    [InlineData("""sk-Canar\\u0079Key\\u002B01""", "[redacted]")]
    [InlineData("100% sure, 5%%, 7%zz, \\u00", "100% sure, 5%%, 7%zz, \\u00")]
    [InlineData("nothing here", "nothing here")]
    [InlineData("", "")]
    public void Apply_SecretOrPartOfEightCharacters_IsRedacted(string text, string expected) =>
        Assert.Equal(expected, new Redaction([Key]).Apply(text));

    [Fact]
    public void Apply_EncodedSecret_IsRedacted()
    {
        var redaction = new Redaction([Key]);

        Assert.Equal("Basic [redacted]", redaction.Apply("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Key))));
        foreach (string text in (string[])["Bearer ", "Bearer  ", "user:"])
        {
            string clean = redaction.Apply(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{text}{Key}, and more")));
            Assert.Contains("[redacted]", clean, StringComparison.Ordinal);
            Assert.True(clean.Length < 40, clean);
        }
        Assert.Equal("hex [redacted]", redaction.Apply("hex " + Convert.ToHexString(Encoding.UTF8.GetBytes(Key)).ToLowerInvariant()));
    }

    [Fact]
    [Case(112)]
    public void Apply_EveryPartOfEightCharacters_IsRedacted()
    {
        var redaction = new Redaction([Key]);
        for (int start = 0; start + 8 <= Key.Length; start++)
            Assert.Equal("<[redacted]>", redaction.Apply($"<{Key.Substring(start, 8)}>"));
    }

    [Fact]
    public void Apply_NoSecretInText_ReturnsSameInstance()
    {
        string text = new('x', 20);

        Assert.Same(text, new Redaction([]).Apply(text));
        Assert.Same(text, new Redaction([Key]).Apply(text));
        Assert.Same(text, new Redaction(["x"]).Apply(text));
    }

    [Fact]
    public void Apply_ShortSecret_IsRedactedOnlyAsWord() =>
        Assert.Equal("[redacted] latest '[redacted]' tests [redacted].", new Redaction(["test"]).Apply("test latest 'test' tests TEST."));

    [Fact]
    [Case(112)]
    public async Task Client_ServiceEchoesKey_ErrorDoesNotContainKey()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*")
            .Respond(_ =>
                Answer(
                    HttpStatusCode.Unauthorized,
                    $$"""{"error":{"message":"Bad key {{Key}} sent","code":"{{Key}}"},"request_id":"{{Key}}"}"""
                )
            );
        using var client = Client(http);

        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));

        Assert.Equal(LlmErrorKind.Authentication, error.Kind);
        Assert.Contains("Bad key [redacted] sent", error.Message, StringComparison.Ordinal);
        Assert.Equal(("[redacted]", "[redacted]"), (error.ProviderCode, error.RequestId));
        AssertClean(error);
    }

    [Fact]
    [Case(112)]
    public async Task Client_ServiceEchoesKeyInStream_ErrorDoesNotContainKey()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*")
            .Respond(_ =>
                Answer(
                    HttpStatusCode.OK,
                    $"data: {{\"error\":{{\"message\":\"Bad key {Key} sent\",\"code\":\"{Key}\"}}}}\n\n",
                    "text/event-stream"
                )
            );
        using var client = Client(http);

        await using var stream = await client.StreamAsync("Hi");
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());

        Assert.Equal(LlmErrorKind.StreamError, error.Kind);
        Assert.Contains("[redacted]", error.Message, StringComparison.Ordinal);
        AssertClean(error);
    }

    [Fact]
    public async Task Client_ServiceEchoesKeyInHtmlTitle_ErrorDoesNotContainKey()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(_ => Answer(HttpStatusCode.OK, $"<html><title>{Key}</title>", "text/html"));
        using var client = Client(http);

        AssertClean(await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi")));
        AssertClean(await Assert.ThrowsAsync<LlmException>(() => client.StreamAsync("Hi")));
    }

    [Theory]
    [InlineData("https://elsewhere.example/{0}?q=1", "to another host, https://elsewhere.example.")]
    [InlineData("http://user:secret@elsewhere.example:8080/?key={0}#{0}", "to another host, http://elsewhere.example:8080.")]
    [InlineData("//elsewhere.example/{0}", "to another host, https://elsewhere.example.")]
    [InlineData("//user:secret@elsewhere.example:8443", "to another host, https://elsewhere.example:8443.")]
    [InlineData(@"\\elsewhere.example/{0}", "to another host, https://elsewhere.example.")]
    [InlineData("http://service.example/{0}", "to plain HTTP on the same host, http://service.example.")]
    [InlineData("HTTPS://SERVICE.example:8443/{0}", "to another port of the same host, https://service.example:8443.")]
    [InlineData("https://service.example:443/{0}", "elsewhere on the same host.")]
    [InlineData("//service.example/{0}", "elsewhere on the same host.")]
    [InlineData("/{0}?q=1", "elsewhere on the same host.")]
    [InlineData("login?next=https://elsewhere.example/{0}", "elsewhere on the same host.")]
    [InlineData("//", "to something that is not an HTTP address.")]
    [InlineData("mailto:{0}", "to something that is not an HTTP address.")]
    [InlineData(null, "elsewhere.")]
    public async Task Client_Redirect_ReportsOnlySchemeHostAndPort(string? location, string expected)
    {
        using var http = new MockHttpMessageHandler();
        http.When("*")
            .Respond(_ =>
            {
                var answer = Answer(HttpStatusCode.TemporaryRedirect, "");
                if (location is not null)
                    answer.Headers.TryAddWithoutValidation("Location", string.Format(CultureInfo.InvariantCulture, location, Key));
                return answer;
            });
        using var client = Client(http);

        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));

        Assert.Equal((LlmErrorKind.UnexpectedRedirect, 307, false), (error.Kind, error.Status, error.IsRetryable));
        Assert.Contains($"redirected the client {expected}", error.Message, StringComparison.Ordinal);
        AssertClean(error);
    }

    private static void AssertClean(LlmException error)
    {
        string everything = error + error.ProviderCode + error.RequestId;
        for (int start = 0; start + 8 <= Key.Length; start++)
            Assert.DoesNotContain(Key.Substring(start, 8), everything, StringComparison.OrdinalIgnoreCase);
    }

    private static LlmClient Client(MockHttpMessageHandler http) =>
        new(
            new Provider("test", new Uri("https://service.example"), new FixedRequestProtocol(), Credential.Bearer(Key)),
            "model",
            http: http.ToHttpClient()
        );

    private static HttpResponseMessage Answer(HttpStatusCode status, string body, string type = "application/json") =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, type) };
}
