using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace RawLlm.Testing.Tests;

public sealed class LoopbackServerTests
{
    private static readonly LlmClientOptions Once = new() { Retries = LlmRetries.None };

    // A proxy set in the environment would also be used for loopback addresses.
    private static HttpClient Direct() => new(new SocketsHttpHandler { UseProxy = false });

    public static IEnumerable<object[]> Faults =>
        [
            ["none", Array.Empty<Fault>()],
            ["one byte", new[] { Fault.OneByteReads }],
            ["close", new[] { Fault.CutAfterPieces(2) }],
            ["end", new[] { Fault.CutAfterPieces(2, CutKind.End) }],
            ["before", new[] { Fault.ResetBeforeHead }],
            ["page", new[] { Fault.HtmlPage(502) }],
            ["error", new[] { Fault.ErrorInStream(LlmErrorKind.Overloaded, 1) }],
        ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_OverSocket_MatchesInProcessResult(string name, Fault[] faults)
    {
        Assert.NotEmpty(name);
        using var here = new ScriptedServer().Answer("One two three", faults);
        using var there = new ScriptedServer().Answer("One two three", faults);
        await using var loopback = new LoopbackServer(there);
        using var client = new LlmClient(Providers.OpenAICompatible(loopback.Url, "key-0123456789"), "m", Once);

        Assert.Equal(await TellAsync(here.CreateClient(Providers.OpenAI, "m", Once)), await TellAsync(client));
    }

    // The kernel decides how much of the body arrives before a reset.
    [Fact]
    public async Task Reset_OverSocket_ThrowsConnectionLost()
    {
        using var server = new ScriptedServer().Answer("One two three", Fault.CutAfterPieces(2, CutKind.Reset));
        await using var loopback = new LoopbackServer(server);
        using var client = new LlmClient(Providers.OpenAICompatible(loopback.Url), "m", Once);

        Assert.StartsWith("ConnectionLost", await TellAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stall_OverSocket_EndsWhenClientCancels()
    {
        using var server = new ScriptedServer().Answer("One two", Fault.StallAfterPieces(1)).Answer("Three");
        await using var loopback = new LoopbackServer(server);
        using var client = new LlmClient(Providers.OpenAICompatible(loopback.Url), "m", Once);
        using var cancellation = new CancellationTokenSource();
        await using (var stream = await client.StreamAsync("Hello", cancellation.Token))
        {
            while (await stream.ReadAsync() && stream.Current.Kind != StreamEventKind.Text) { }
            var next = stream.ReadAsync().AsTask();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        }

        Assert.Equal("Three", (await client.SendAsync("Hello")).Text);
    }

    [Fact]
    public async Task Script_Exhausted_IsReportedInResponse()
    {
        using var server = new ScriptedServer();
        await using var loopback = new LoopbackServer(server);
        using var http = Direct();
        using var response = await http.PostAsync(new Uri(loopback.Url, "v1/messages"), new StringContent("{}"));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("The script has no answer", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ScriptedHandler_Throws_IsReportedInResponseAndOnDispose()
    {
        using var server = new ScriptedServer().AnswerOthers(static _ => throw new FormatException("It should have asked otherwise."));
        var loopback = new LoopbackServer(server);
        using var http = Direct();
        for (int i = 0; i < 2; i++)
        {
            using var response = await http.PostAsync(new Uri(loopback.Url, "v1/messages"), new StringContent("{}"));
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Contains("It should have asked otherwise.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await loopback.DisposeAsync());

        Assert.IsType<FormatException>(thrown.InnerException);
        // Everything was cleaned up before the exception was thrown.
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(loopback.Url));
        await loopback.DisposeAsync();
    }

    [Fact]
    public async Task CustomHandler_Throws_IsReportedInResponseAndOnDispose()
    {
        using var handler = new Failing();
        var loopback = new LoopbackServer(handler);
        using var http = Direct();
        using var response = await http.PostAsync(new Uri(loopback.Url, "v1/messages"), new StringContent("{}"));
        Assert.Equal((HttpStatusCode.InternalServerError, "Not so."), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("Not so.", (await Assert.ThrowsAsync<NotSupportedException>(async () => await loopback.DisposeAsync())).Message);
    }

    [Fact]
    public async Task Request_Chunked_IsReadCompletely()
    {
        using var server = new ScriptedServer().Answer("Hi");
        await using var loopback = new LoopbackServer(server);
        using var http = Direct();
        using var body = JsonContent.Create(
            JsonDocument.Parse($$"""{"model":"m","messages":[{"role":"user","content":"{{new string('x', 100_000)}}"}]}""").RootElement
        );
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(loopback.Url, "v1/chat/completions?key=secret-0123456789"))
        {
            Content = body,
        };
        message.Headers.TransferEncodingChunked = true;
        using var response = await http.SendAsync(message);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((100_000, "/v1/chat/completions?key=*"), (server.Requests[0].Prompt.Length, server.Requests[0].Path));
    }

    [Fact]
    public async Task Dispose_ConnectionIsOpen_ClosesIt()
    {
        using var server = new ScriptedServer().Answer("One", Fault.StallBeforeHead());
        var loopback = new LoopbackServer(server);
        using var client = new LlmClient(Providers.OpenAICompatible(loopback.Url), "m", Once);
        var asking = client.SendAsync("Hello");
        while (server.Requests.Count == 0)
            await Task.Yield();

        await loopback.DisposeAsync();
        await loopback.DisposeAsync();

        Assert.Equal(LlmErrorKind.ConnectionLost, (await Assert.ThrowsAsync<LlmException>(() => asking)).Kind);
    }

    private static async Task<string> TellAsync(LlmClient client)
    {
        try
        {
            await using var stream = await client.StreamAsync("Hello");
            return (await stream.ReplyAsync()).Text;
        }
        catch (LlmException e)
        {
            return $"{e.Kind} {e.CauseKind} {e.Phase} {e.Status} {e.Message} {e.Partial?.Text}";
        }
    }

    private sealed class Failing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Not so.");
    }
}
