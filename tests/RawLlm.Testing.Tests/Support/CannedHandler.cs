using System.Net;

namespace RawLlm.Testing.Tests.Support;

/// <summary>Answers each request with the next of the given bodies, step by step.</summary>
internal sealed class CannedHandler(params BodyStep[][] answers) : HttpMessageHandler
{
    private int _next;

    public HttpStatusCode Status { get; init; } = HttpStatusCode.OK;

    public string MediaType { get; init; } = "text/event-stream";

    public Dictionary<string, string> Headers { get; init; } = [];

    public Dictionary<string, string> ContentHeaders { get; init; } = [];

    /// <summary>The exception to throw instead of answering.</summary>
    public Func<Exception>? Failure { get; init; }

    public static BodyStep Text(string text) => BodyStep.Send(System.Text.Encoding.UTF8.GetBytes(text));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Failure is not null)
            throw Failure();
        var response = new HttpResponseMessage(Status)
        {
            Content = new PlayedContent(new PlayedBody(answers[Interlocked.Increment(ref _next) - 1], TimeProvider.System)),
        };
        response.Content.Headers.ContentType = new(MediaType);
        foreach (var (name, value) in Headers)
            response.Headers.TryAddWithoutValidation(name, value);
        foreach (var (name, value) in ContentHeaders)
            response.Content.Headers.TryAddWithoutValidation(name, value);
        return Task.FromResult(response);
    }
}
