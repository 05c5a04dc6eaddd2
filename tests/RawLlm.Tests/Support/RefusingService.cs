using System.Net;
using System.Text;
using RawLlm.Protocols;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Support;

/// <summary>A service that looks at the body of each request: it refuses it with an error, or answers. Records the bodies.</summary>
internal sealed class RefusingService : IDisposable
{
    public const string Blue =
        """{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Blue."},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""";
    public const string BlueStream = """
        data: {"id":"1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Blue."},"finish_reason":null}]}

        data: {"id":"1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: [DONE]


        """;

    private readonly MockHttpMessageHandler _mock = new();
    private readonly List<string> _bodies = [];

    /// <summary>Creates the service.</summary>
    /// <param name="look">Returns the error for a body, by the number of the request from zero; null to answer.</param>
    /// <param name="status">The status of errors.</param>
    /// <param name="answer">The answer; null for a text, streamed if the request asks for a stream.</param>
    public RefusingService(Func<int, string, string?> look, int status = 400, string? answer = null)
    {
        Http = new HttpClient(_mock);
        _mock
            .When("*")
            .Respond(async request =>
            {
                string body = await request.Content!.ReadAsStringAsync();
                int number;
                lock (_bodies)
                {
                    number = _bodies.Count;
                    _bodies.Add(body);
                }
                if (Hold is not null)
                    await Hold(number);
                string? error = look(number, body);
                bool isStream = error is null && answer is null && body.Contains("\"stream\":true", StringComparison.Ordinal);
                return new HttpResponseMessage(error is null ? HttpStatusCode.OK : (HttpStatusCode)status)
                {
                    Content = new StringContent(
                        error ?? answer ?? (isStream ? BlueStream : Blue),
                        Encoding.UTF8,
                        isStream ? "text/event-stream" : "application/json"
                    ),
                };
            });
    }

    public HttpClient Http { get; }

    /// <summary>Waited for before a request is looked at, by its number from zero.</summary>
    public Func<int, Task>? Hold { get; init; }

    /// <summary>The body of each request.</summary>
    public IReadOnlyList<string> Bodies
    {
        get
        {
            lock (_bodies)
                return [.. _bodies];
        }
    }

    /// <summary>Creates a client of an unknown server that adapts to refusals.</summary>
    public LlmClient Client(WireProtocol? protocol = null, LlmClientOptions? options = null, string model = "m") =>
        new(
            new Provider("own", new Uri("http://localhost:8000"), protocol ?? new ChatCompletionsProtocol(), Credential.None),
            model,
            options ?? new LlmClientOptions { AdaptToRefusals = true },
            Http
        );

    public void Dispose()
    {
        Http.Dispose();
        _mock.Dispose();
    }
}
