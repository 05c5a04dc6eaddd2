using System.Net;
using System.Text;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Support;

/// <summary>A service that takes one request, keeps it as text, and returns a canned answer.</summary>
internal sealed class MockService : IDisposable
{
    private readonly MockHttpMessageHandler _mock = new();

    private MockService(byte[] answer, string mediaType, HttpStatusCode status)
    {
        Http = new HttpClient(_mock);
        _mock
            .Expect("*")
            .Respond(async request =>
            {
                Head = Write(request);
                Body = request.Content is null ? "" : await request.Content.ReadAsStringAsync();
                var content = new ByteArrayContent(answer);
                content.Headers.ContentType = new(mediaType, "utf-8");
                return new HttpResponseMessage(status) { Content = content };
            });
    }

    public HttpClient Http { get; }

    /// <summary>Method and URL, then the headers in alphabetical order, one per line.</summary>
    public string Head { get; private set; } = "";

    public string Body { get; private set; } = "";

    public static MockService Json(string answer, HttpStatusCode status = HttpStatusCode.OK) =>
        new(Encoding.UTF8.GetBytes(answer), "application/json", status);

    public static MockService Sse(string answer) => new(Encoding.UTF8.GetBytes(answer), "text/event-stream", HttpStatusCode.OK);

    public static MockService Of(string answer, string mediaType) => new(Encoding.UTF8.GetBytes(answer), mediaType, HttpStatusCode.OK);

    public static MockService OfBytes(byte[] answer, string mediaType) => new(answer, mediaType, HttpStatusCode.OK);

    /// <summary>Creates a client of the provider with the key <c>test-key</c>.</summary>
    public LlmClient Client(Provider provider, string model) =>
        new(provider with { Credential = Credential.Bearer("test-key") }, model, new LlmClientOptions { Retries = LlmRetries.None }, Http);

    /// <summary>Checks the whole request: every header, and the body as JSON.</summary>
    public void AssertRequest(string head, string body)
    {
        _mock.VerifyNoOutstandingExpectation();
        Assert.Equal(head.ReplaceLineEndings("\n"), Head);
        JsonAssert.Equal(body, Body);
    }

    public void Dispose()
    {
        Http.Dispose();
        _mock.Dispose();
    }

    private static string Write(HttpRequestMessage request)
    {
        var lines = new List<string>();
        foreach (var (name, values) in request.Headers)
            lines.Add($"{name}: {string.Join(", ", values)}");
        if (request.Content is { } content)
            lines.Add($"Content-Type: {content.Headers.ContentType}");
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', [$"{request.Method} {request.RequestUri!.OriginalString}", .. lines]);
    }
}
