using System.Net;
using System.Text;
using RichardSzalay.MockHttp;

namespace RawLlm.Extensions.AI.Tests.Support;

/// <summary>A service that returns canned answers in order and records the requests.</summary>
internal sealed class TestService : IDisposable
{
    private readonly MockHttpMessageHandler _mock = new();
    private readonly Queue<(byte[] Body, string MediaType, HttpStatusCode Status)> _answers = new();
    private readonly HttpClient _http;
    private readonly List<(string Name, string Value)> _headers = [];

    public TestService()
    {
        _http = new HttpClient(_mock);
        _mock
            .When("*")
            .Respond(async request =>
            {
                Addresses.Add(request.RequestUri!.AbsoluteUri);
                Bodies.Add(request.Content is null ? "" : await request.Content.ReadAsStringAsync());
                var (body, mediaType, status) = _answers.Dequeue();
                var content = new ByteArrayContent(body);
                content.Headers.ContentType = new(mediaType);
                var response = new HttpResponseMessage(status) { Content = content };
                foreach (var (name, value) in _headers)
                    response.Headers.Add(name, value);
                return response;
            });
    }

    public List<string> Addresses { get; } = [];

    public List<string> Bodies { get; } = [];

    public TestService Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        Of(Encoding.UTF8.GetBytes(body), "application/json", status);

    /// <summary>Adds a stream of server-sent events: each line is the data of one event.</summary>
    public TestService Sse(string lines) =>
        Of(
            Encoding.UTF8.GetBytes(
                string.Concat(
                    lines
                        .ReplaceLineEndings("\n")
                        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                        .Select(line => $"data: {line}\n\n")
                )
            ),
            "text/event-stream"
        );

    public TestService Of(byte[] body, string mediaType, HttpStatusCode status = HttpStatusCode.OK)
    {
        _answers.Enqueue((body, mediaType, status));
        return this;
    }

    /// <summary>Adds a header to all answers.</summary>
    public TestService With(string name, string value)
    {
        _headers.Add((name, value));
        return this;
    }

    /// <summary>A client of the provider that makes a single attempt.</summary>
    public LlmClient Client(Provider provider, string model = "m", LlmClientOptions? options = null) =>
        new(
            provider with
            {
                Credential = Credential.Bearer("test-key"),
            },
            model,
            (options ?? new LlmClientOptions()) with
            {
                Retries = LlmRetries.None,
            },
            _http
        );

    public void Dispose()
    {
        _http.Dispose();
        _mock.Dispose();
    }
}
