using System.Net;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Contract;

/// <summary>Every named service: its URL, how it authenticates, and that the key appears nowhere else.</summary>
public sealed class ServiceContractTests(ITestOutputHelper output)
{
    private const string Key = "test-key-0123";

    public static TheoryData<string> Names => [.. ServiceRows.All.Select(row => row.Name)];

    [Fact]
    public void All_EveryService_HasServiceRow() =>
        Assert.Equal(Providers.All().Select(provider => provider.Name).Order(), ServiceRows.All.Select(row => row.Name).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Get_Name_ReturnsProviderWithWireAndVariable(string name)
    {
        var row = Row(name);
        var listed = Providers.Get(name.ToUpperInvariant());

        Assert.All(
            [listed, row.Provider],
            provider =>
            {
                Assert.Equal(name, provider.Name);
                Assert.NotEqual("", provider.Title);
                Assert.IsType(row.Protocol, provider.Protocol);
                Assert.Equal(row.Variable, provider.Credential.Variable);
                Assert.Equal(provider.BaseUrl.IsLoopback, provider.IsLocal);
            }
        );
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Send_NonStreamingAnswer_UrlAndHeadersMatch(string name)
    {
        var row = Row(name);
        using var service = row.IsGathered
            ? MockService.OfBytes(Answers.Stream(row.Provider.Protocol).Body, "text/event-stream")
            : MockService.Json(Answers.Whole(row.Provider.Protocol));
        using var client = new LlmClient(Keyed(row), "m", null, service.Http);

        var reply = await client.SendAsync("Hello");

        Assert.Equal(Head(row, row.Url, row.IsGathered ? "text/event-stream" : "application/json", isStream: false), service.Head);
        Assert.Equal("Blue.", reply.Text);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.DoesNotContain(Key, service.Body);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Stream_Answer_UrlAndHeadersMatch(string name)
    {
        var row = Row(name);
        var (body, mediaType) = Answers.Stream(row.Provider.Protocol);
        using var service = MockService.OfBytes(body, mediaType);
        using var client = new LlmClient(Keyed(row), "m", null, service.Http);

        await using var stream = await client.StreamAsync("Hello");
        var reply = await stream.ReplyAsync();

        Assert.Equal(Head(row, row.StreamUrl ?? row.Url, mediaType, isStream: true), service.Head);
        Assert.Equal("Blue.", reply.Text);
        Assert.True(reply.IsComplete);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Write_ServiceSpecificMembers_MatchDialectOfService(string name)
    {
        var row = Row(name);
        var request = ChatRequest.Ask("Hi") with
        {
            Model = "m",
            MaxTokens = 9,
            Seed = 1,
            Tools = [new ToolDefinition("f")],
            ToolChoice = ToolChoice.Named("f"),
            Thinking = Thinking.High,
        };
        // Wires of a single vendor have their own tests.
        if (row.Dialect is not ['{', ..])
        {
            Assert.Contains("\"f\"", WrittenRequest.Of(row.Provider.Protocol, request with { MaxTokens = 9000, ToolChoice = null }).Body);
            return;
        }

        var body = JsonNode.Parse(WrittenRequest.Of(row.Provider.Protocol, request).Body)!.AsObject();

        foreach (string same in (string[])["model", "messages", "input", "tools", "stream"])
            body.Remove(same);
        JsonAssert.Equal(row.Dialect, body.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Client_WithoutKey_ReportsVariableToSet(string name)
    {
        var row = Row(name);
        if (row.KeyIsOptional)
        {
            using var client = new LlmClient(row.Provider, "m");
            return;
        }
        if (Environment.GetEnvironmentVariable(row.Variable!) is not null)
        {
            output.WriteLine($"not applicable: {row.Variable} is set on this machine");
            return;
        }

        var e = Assert.Throws<LlmException>(() => new LlmClient(row.Provider, "m"));

        Assert.Equal((LlmErrorKind.InvalidConfiguration, LlmPhase.Configure, name), (e.Kind, e.Phase, e.Provider));
        Assert.Contains($"set the environment variable {row.Variable}", e.Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Error_BodyContainsKey_DoesNotShowKey(string name)
    {
        var row = Row(name);
        var provider = Keyed(row);
        using var service = MockService.Json(
            $$"""{"error":{"message":"Incorrect API key provided: {{Key}}","type":"auth","code":"{{Key}}"},"message":"{{Key}} is wrong","request_id":"{{Key}}"}""",
            HttpStatusCode.Unauthorized
        );
        using var client = new LlmClient(provider, "m", null, service.Http);

        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hello"));

        if (provider.Credential.IsSecret)
            Assert.DoesNotContain(Key, $"{e} {e.Message} {e.ProviderCode} {e.RequestId}");
        Assert.DoesNotContain(Key, $"{provider} {provider.Credential} {provider with { Title = "x" }} {client} {client.Options}");
    }

    private static ServiceRow Row(string name) => ServiceRows.All.Single(row => row.Name == name);

    private static Provider Keyed(ServiceRow row)
    {
        var provider = row.Provider;
        return row.Proof.Contains(Key, StringComparison.Ordinal)
            ? provider with
            {
                Credential = provider.Credential.WithKey(Key)!,
            }
            : provider;
    }

    private static string Head(ServiceRow row, string url, string accept, bool isStream)
    {
        List<string> lines = [$"Accept: {accept}", "Content-Type: application/json"];
        if (isStream)
            lines.Add("Accept-Encoding: identity");
        if (row.Proof.Length > 0)
            lines.Add(row.Proof);
        if (row.Headers.Length > 0)
            lines.AddRange(row.Headers.Split('\n'));
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', [$"POST {url}", .. lines]);
    }
}
