using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Cli.Demo;

namespace RawLlm.Tests.Cli;

public sealed class DemoServerTests : IAsyncLifetime
{
    private readonly DemoServer _server = DemoServer.Start(TimeSpan.Zero);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Stream_DemoRequest_ReturnsChunkedServerSentEvents()
    {
        using var response = await PostAsync(
            """{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}"""
        );

        string body = await response.Content.ReadAsStringAsync();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.TransferEncodingChunked);
        Assert.EndsWith("\n\ndata: [DONE]\n\n", body);
        var chunks = body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[..^1]
            .Select(line => JsonNode.Parse(line["data: ".Length..])!)
            .ToArray();
        var deltas = chunks[..^1].Select(chunk => chunk["choices"]![0]!["delta"]!).ToArray();
        Assert.True(deltas.Count(delta => delta["reasoning_content"] is not null) > 1);
        Assert.Equal(new DemoAnswer("Hi", true, true).Text, string.Concat(deltas.Select(delta => (string?)delta["content"])));
        var calls = deltas.Where(delta => delta["tool_calls"] is not null).Select(delta => delta["tool_calls"]![0]!["function"]!).ToArray();
        Assert.True(calls.Length > 3);
        Assert.NotNull(JsonNode.Parse(string.Concat(calls.Select(call => (string?)call["arguments"]))));
        Assert.Equal("tool_calls", (string?)chunks[^2]["choices"]![0]!["finish_reason"]);
        Assert.Equal(1, (int)chunks[^1]["usage"]!["prompt_tokens"]!);
    }

    [Fact]
    public async Task Stream_UsageNotRequested_IsOmitted()
    {
        using var response = await PostAsync("""{"stream":true,"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.DoesNotContain("usage", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Reply_PromptInContentParts_QuotesText()
    {
        using var response = await PostAsync(
            """{"messages":[{"role":"user","content":[{"type":"text","text":"Grüße"},{"type":"image_url"}]},{"role":"assistant","content":"x"}]}"""
        );

        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Contains("\u201CGrüße\u201D", (string?)json["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Reply_LongPrompt_IsTruncatedBetweenCharacters()
    {
        string prompt = new string('a', 199) + "🙂🙂";
        using var response = await PostAsync($$"""{"messages":[{"role":"user","content":"{{prompt}}"}]}""");

        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Contains($"\u201C{new string('a', 199)}\u2026\u201D", (string?)json["choices"]![0]!["message"]!["content"]);
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "unknown_path")]
    [InlineData("GET", "/", 404, "unknown_path")]
    [InlineData("GET", "/v1/chat/completions", 405, "method_not_allowed")]
    [InlineData("DELETE", "/v1/models", 405, "method_not_allowed")]
    [InlineData("POST", "/v1/chat/completions", 400, "bad_request")]
    public async Task Request_InvalidPathMethodOrBody_ReturnsErrorJson(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_server.BaseUrl, path));

        using var response = await _http.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal(code, (string?)error["code"]);
        Assert.NotEmpty((string)error["message"]!);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"messages":7}""")]
    [InlineData("{")]
    public async Task Body_InvalidJsonOrShape_ReturnsBadRequest(string body)
    {
        using var response = await PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Connection_SeveralRequests_AreAnsweredInOrder()
    {
        string answers = await ExchangeAsync(
            "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        );

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answers);
        Assert.Contains("x-request-id: demo-1\r\n", answers);
        Assert.Contains("HTTP/1.1 404 Not Found\r\n", answers);
        Assert.Contains("x-request-id: demo-2\r\n", answers);
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nno colon\r\n\r\n", "400")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "413")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "411")]
    public async Task Request_MalformedHttp_IsRejectedAndConnectionCloses(string request, string status)
    {
        Assert.StartsWith($"HTTP/1.1 {status} ", await ExchangeAsync(request));
    }

    [Fact]
    public async Task Dispose_OpenConnection_ClosesConnection()
    {
        var server = DemoServer.Start(TimeSpan.Zero);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.BaseUrl.Port);
        await client.GetStream().WriteAsync("GET"u8.ToArray());

        await server.DisposeAsync();
        await server.DisposeAsync();

        // A connection that the server had not yet accepted when it stopped is reset; an accepted one is closed.
        var error = await Record.ExceptionAsync(async () => Assert.Equal(0, await ReadToEndAsync(client.GetStream())));
        Assert.True(error is null or IOException, error?.ToString());
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        };
        return await _http.PostAsync(new Uri(_server.BaseUrl, "chat/completions"), content);
    }

    private async Task<string> ExchangeAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _server.BaseUrl.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync();
    }

    private static async Task<int> ReadToEndAsync(NetworkStream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0; // The connection was reset instead of closed: the server had not read all bytes.
        }
    }
}
