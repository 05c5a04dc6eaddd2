using System.Net;
using System.Text;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Support;

/// <summary>A service that takes requests one after the other, returns the next canned answer to each, and records the requests.</summary>
internal sealed class SequencedService : IDisposable
{
    private readonly MockHttpMessageHandler _mock = new();

    public SequencedService(params string[] answers)
    {
        Http = new HttpClient(_mock);
        foreach (string answer in answers)
        {
            _mock
                .Expect("*")
                .Respond(async request =>
                {
                    Lines.Add($"{request.Method} {request.RequestUri!.OriginalString}");
                    Bodies.Add(request.Content is null ? "" : await request.Content.ReadAsStringAsync());
                    return new HttpResponseMessage(HttpStatusCode.OK)
                    {
                        Content = new StringContent(answer, Encoding.UTF8, "application/json"),
                    };
                });
        }
    }

    public HttpClient Http { get; }

    /// <summary>Method and URL of each request.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>The body of each request.</summary>
    public List<string> Bodies { get; } = [];

    /// <summary>Creates a client of the provider, with the key <c>test-key</c> if it takes one.</summary>
    public LlmClient Client(Provider provider, string model = "m", LlmClientOptions? options = null) =>
        new(provider with { Credential = provider.Credential.WithKey("test-key") ?? provider.Credential }, model, options, Http);

    public void Dispose()
    {
        Http.Dispose();
        _mock.Dispose();
    }
}
