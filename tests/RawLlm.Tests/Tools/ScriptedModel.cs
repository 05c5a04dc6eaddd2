using System.Net;
using System.Text;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Tools;

/// <summary>A service that gives each request the next canned answer, and keeps what was asked.</summary>
internal sealed class ScriptedModel : IDisposable
{
    private readonly MockHttpMessageHandler _mock = new();
    private readonly HttpClient _http;

    public ScriptedModel(string mediaType, params string[] answers)
        : this(mediaType, [.. answers.Select(answer => (HttpStatusCode.OK, answer))]) { }

    public ScriptedModel(string mediaType, params (HttpStatusCode Status, string Body)[] answers)
    {
        _http = new HttpClient(_mock);
        foreach (var (status, body) in answers)
        {
            _mock
                .Expect("*")
                .Respond(async request =>
                {
                    Bodies.Add(await request.Content!.ReadAsStringAsync());
                    return new HttpResponseMessage(status)
                    {
                        Content = new StringContent(body, Encoding.UTF8, status == HttpStatusCode.OK ? mediaType : "application/json"),
                    };
                });
        }
    }

    /// <summary>The body of each request.</summary>
    public List<string> Bodies { get; } = [];

    public static ScriptedModel Json(params string[] answers) => new("application/json", answers);

    public static ScriptedModel Sse(params string[] answers) => new("text/event-stream", answers);

    public LlmClient Client(Provider? provider = null) =>
        new(
            (provider ?? Providers.OpenAI) with
            {
                Credential = Credential.Bearer("test-key"),
            },
            "m",
            new LlmClientOptions { Retries = LlmRetries.None },
            _http
        );

    public void Dispose()
    {
        _http.Dispose();
        _mock.Dispose();
    }
}
