using Microsoft.Extensions.DependencyInjection;

namespace RawLlm.Testing.Tests;

/// <summary>The code of docs/testing.md, compiled and run; the README's test compares the two.</summary>
public sealed class Snippets
{
    [Fact]
    public async Task Docs_ScriptedAnswers_RunAsDescribed()
    {
        var weather = Tool.Create(new ToolDefinition("weather", "The weather in a city", """{"type":"object","properties":{"city":{"type":"string"}}}"""), arguments => $"4 °C in {arguments.Text("city")}");

        using var server = new ScriptedServer();
        server.AnswerWithCall("weather", """{"city":"Oslo"}""")
            .Answer("Take a coat.");
        using var client = server.CreateClient(Providers.Anthropic, "claude-haiku-4-5");

        ToolRun run = await new ToolLoop(client, [weather]).RunAsync("Do I need a coat in Oslo?");

        Assert.Equal("Take a coat.", run.Text);
        Assert.Equal("Do I need a coat in Oslo?", server.Requests[0].Prompt);
        Assert.Equal("claude-haiku-4-5", server.Requests[0].Model);
        server.AssertScriptEnded();
    }

    [Fact]
    public async Task Docs_DependencyInjection_RunsAsDescribed()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(setup => setup.Model = "openai:gpt-6-luna");
        using var server = new ScriptedServer().Answer("Hi");

        services.AddOptions<LlmClientSetup>().Configure(setup => (setup.Provider, setup.Model) = (ScriptedServer.Keyless(Providers.OpenAI), "gpt-6-luna"));
        services.AddHttpClient("RawLlm").ConfigurePrimaryHttpMessageHandler(() => server);

        await using var provider = services.BuildServiceProvider();
        Assert.Equal("Hi", (await provider.GetRequiredService<LlmClient>().SendAsync("Hello")).Text);
        Assert.Equal("gpt-6-luna", server.Requests[0].Model);
    }

    [Fact]
    public async Task Docs_MoreThanText_RunsAsDescribed()
    {
        using var server = new ScriptedServer();
        server.Answer(ScriptedAnswer.Text("4 °C.").WithReasoning("It is winter.") with { Usage = new Usage { InputTokens = 900, OutputTokens = 40 } });
        server.Answer(ScriptedAnswer.Text("Once upon a") with { StopReason = StopReason.MaxTokens });
        server.Refuse(LlmErrorKind.RateLimited, retryAfter: TimeSpan.FromSeconds(20));
        server.Answer(ScriptedAnswer.Text("Hi") with { Headers = new Dictionary<string, string> { ["x-request-id"] = "r-1" } });
        server.Answer(ScriptedAnswer.Text("It rains in Oslo.").WithCitation("https://weather.example/", "Weather"));
        server.Answer(ScriptedAnswer.Text("Rain.").WithChoice("Sun."));
        server.AnswerEmbeddings([[0.1f, 0.2f], [0.3f, 0.4f]]);
        server.AnswerModels(["my-model", "my-other-model"]);
        server.AnswerRaw(200, "application/json", """{"audio":"…"}""");
        server.AnswerWhen(request => request.Tools.Contains("weather"), ScriptedAnswer.Call("weather", """{"city":"Oslo"}"""));
        server.RefuseWhen(request => request.Prompt.Contains("Rome"), LlmErrorKind.Overloaded);
        server.AnswerOthers(request => $"You said: {request.Prompt}");

        using var client = server.CreateClient(Providers.Gemini, "m", new LlmClientOptions { Retries = LlmRetries.None });
        Assert.Equal(900, (await client.SendAsync("Hello")).Usage?.InputTokens);
        Assert.Equal(StopReason.MaxTokens, (await client.SendAsync("Hello")).StopReason);
        Assert.Equal(TimeSpan.FromSeconds(20), (await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hello"))).RetryAfter);
        Assert.Equal("r-1", (await client.SendAsync("Hello")).RequestId);
        Assert.Equal("Weather", Assert.Single((await client.SendAsync("Hello")).Citations).Title);
        Assert.Equal(["Rain.", "Sun."], (await client.SendAsync("Hello")).Choices.Select(choice => choice.Text));
        Assert.Equal(2, (await client.EmbedAsync(["Hello", "world"])).Dimensions);
        Assert.Equal(2, (await client.ListModelsAsync()).Count);
        Assert.Contains("audio", await server.Http.GetStringAsync("http://localhost/sound"), StringComparison.Ordinal);
        Assert.Equal("You said: Hello", (await client.SendAsync("Hello")).Text);
    }

    [Fact]
    public async Task Docs_Faults_RunAsDescribed()
    {
        using var server = new ScriptedServer();
        server.Answer("Why the sky is blue", Fault.CutAfterPieces(2));
        using var client = server.CreateClient(Providers.OpenAI, "gpt-6-luna");
        var e = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            await using ChatStream stream = await client.StreamAsync("Why is the sky blue?");
            await stream.ReplyAsync();
        });
        Assert.Equal((LlmErrorKind.ConnectionLost, "Why the "), (e.Kind, e.Partial?.Text));
    }

    [Fact]
    public async Task Docs_Loopback_RunsAsDescribed()
    {
        using var server = new ScriptedServer();
        server.Answer("Hi");
        await using var loopback = new LoopbackServer(server);
        using var client = new LlmClient(Providers.OpenAICompatible(loopback.Url), "my-model");

        Assert.Equal("Hi", (await client.SendAsync("Hello")).Text);
    }

    [Fact]
    public async Task Docs_Cassettes_RunAsDescribed()
    {
        using var cassette = Cassette.Open("cassettes/sky.json");
        using var client = cassette.CreateClient(Providers.OpenAI, "gpt-4o-mini");
        ChatReply reply = await client.SendAsync("Why is the sky blue?");
        cassette.AssertAllPlayed();

        Assert.True(cassette.IsReplaying);
        Assert.Contains("Rayleigh", reply.Text, StringComparison.Ordinal);
    }
}
