using System.Net;
using System.Text;
using RawLlm.Framing;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Seams;

/// <summary>Streams that break after text was handed on and go on at the next service of the chain. The connections follow the scripts in order.</summary>
public sealed class StreamFailoverTests
{
    private const string Close = "Connection: close";
    private const string Claude = "claude-sonnet-4-5";
    private const string ErrorInside = """data: {"error":{"message":"x","code":"server_error"}}""" + "\n\n";
    private const string Thought = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"reasoning_content":"Hm"}}]}""" + "\n\n";
    private const string CallBegins = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]}}]}""" + "\n\n";
    private const string CallEnds = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}""" + "\n\n";
    private const string MessageStart = """
        event: message_start
        data: {"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[],"usage":{"input_tokens":1000,"output_tokens":1}}}


        """;
    private const string BlockStart = """
        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}


        """;
    private const string MessageEnd = """
        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":20}}

        event: message_stop
        data: {"type":"message_stop"}


        """;

    public static TheoryData<string> Wires => ["chat-completions", "anthropic", "responses", "gemini", "ollama", "converse", "bedrock-invoke"];

    public static TheoryData<string, string> Cuts => new()
    {
        { "fin", nameof(LlmErrorKind.ConnectionLost) },
        { "rst", nameof(LlmErrorKind.ConnectionLost) },
        { "end", nameof(LlmErrorKind.StreamTruncated) },
        { "idle", nameof(LlmErrorKind.IdleTimeout) },
        { "error", nameof(LlmErrorKind.StreamError) },
        { "json", nameof(LlmErrorKind.MalformedResponse) },
    };

    [Theory]
    [Case(154)]
    [MemberData(nameof(Cuts))]
    public async Task Stream_BreaksInTheMiddle_BeginsAnewAtTheNextBehindASeam(string cut, string kind)
    {
        using var wire = new FaultWire(Cut(Answers.Role + Answers.Hi, cut), Answers.Stream);
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var updates = await ReadAsync(stream, wire.Token);
        Assert.Equal(["Connected", "Text Hi", "Switched", "Text Hi", "Text  you", "Stop", "Done"], updates.Select(Describe));
        var seam = updates[2].Switch!;
        Assert.Equal(("s0:m0", "s1:m1", false, 2, 1L), (seam.From, seam.To, seam.IsContinued, seam.Characters, seam.Events));
        Assert.Equal((kind, "s0", true), (seam.Failure.Kind.ToString(), seam.Failure.Provider, seam.Failure.OutputCommitted));
        Assert.Equal([seam], stream.Switches);
        Assert.Equal("s1", stream.Provider);
    }

    [Theory]
    [InlineData(typeof(FormatException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(TaskCanceledException))]
    [Case(153)]
    public async Task RequestFor_ThatThrowsAtTheSeam_IsTheCallersOwn(Type type)
    {
        var mine = (Exception)Activator.CreateInstance(type, "Mine.")!;
        using var wire = new FaultWire(Cut(Answers.Role + Answers.Hi, "rst"));
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, RequestFor = (client, request) => client.Provider.Name == "s0" ? request : throw mine };
        await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        Assert.Same(mine, await Record.ExceptionAsync(() => ReadAsync(stream, wire.Token)));
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Stream_BreaksOnAnyWire_IsContinuedWhereTheNextTakesItsBeginning(string name)
    {
        var (protocol, type, body) = Broken(name);
        using var wire = new FaultWire(
            Script.OnRequest.Head(200, $"Content-Type: {type}", "Transfer-Encoding: chunked").Chunk(body).Rst(),
            Script.OnRequest.Sse().Chunk(Anthropic(" you")).LastChunk());
        await using var stream = await Chain(wire, Client(wire, 0, protocol), Client(wire, 1, new AnthropicProtocol(), Claude)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", "s1", true), (reply.Text, reply.Provider, reply.IsComplete));
        Assert.Equal("Hi you", Assert.IsType<TextPart>(Assert.Single(reply.Message.Parts)).Text);
        Assert.True(Assert.Single(reply.Switches).IsContinued);
        Assert.Equal([("s0:m0", LlmErrorKind.ConnectionLost, true)], reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind, attempt.MayBeBilled)));
        Assert.Contains("""{"role":"assistant","content":"Hi"}]""", wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Stream_BreaksOnAnyWire_BeginsAnewWhereTheNextDoesNot(string name)
    {
        var (protocol, type, body) = Broken(name);
        using var wire = new FaultWire(Script.OnRequest.Head(200, $"Content-Type: {type}", "Transfer-Encoding: chunked").Chunk(body).Rst(), Answers.Stream);
        var reply = await (await Chain(wire, Client(wire, 0, protocol), Open(wire, 1)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", false), (reply.Text, Assert.Single(reply.Switches).IsContinued));
        Assert.DoesNotContain("assistant", wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hi", " you", "Hi you", "Hi")]
    [InlineData("Hi ", " you", "Hi you", "Hi")]
    [InlineData("Hi ", "you", "Hi you", "Hi")]
    [InlineData("Hi\\n\\n", "\\nyou", "Hi\n\nyou", "Hi")]
    public async Task Continued_WhiteSpaceAtTheEnd_IsNotSentAndNotGivenTwice(string before, string behind, string whole, string sent)
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi.Replace("Hi", before, StringComparison.Ordinal)).Rst(),
            Script.OnRequest.Sse().Chunk(Anthropic(behind)).LastChunk());
        await using var stream = await Chain(wire, Open(wire, 0), Client(wire, 1, new AnthropicProtocol(), Claude)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token);
        Assert.Equal(whole, (await stream.ReplyAsync(wire.Token)).Text);
        Assert.Contains($$"""{"role":"assistant","content":"{{sent}}"}]""", wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Continued_ServiceThatGivesTheBeginningAgain_GivesItOnce(bool echoes)
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi + Answers.You).Rst(),
            Script.OnRequest.Sse().Chunk((echoes ? Answers.Hi + Answers.You.Replace(" you", " you all", StringComparison.Ordinal) : Answers.Hi.Replace("Hi", " all", StringComparison.Ordinal)) + Answers.Stop + Answers.End).LastChunk());
        var reply = await (await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Mistral.Protocol)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal("Hi you all", reply.Text);
        Assert.Contains("""{"role":"assistant","content":"Hi you","prefix":true}]""", wire.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Continued_BeginningThatWasNoneAfterAll_IsGiven()
    {
        // What looks like the echo ends before it is one.
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi + Answers.You).Rst(), Script.OnRequest.Sse().Chunk(Answers.Hi + Answers.Stop + Answers.End).LastChunk());
        var reply = await (await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Mistral.Protocol)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal("Hi youHi", reply.Text);
    }

    [Theory]
    [InlineData("vllm", "http://127.0.0.1:9/v1/", "\"continue_final_message\":true,\"add_generation_prompt\":false")]
    [InlineData("sglang", "http://127.0.0.1:9/v1/", "\"continue_final_message\":true,\"add_generation_prompt\":false")]
    [InlineData("llama.cpp", "http://127.0.0.1:9/v1/", "{\"role\":\"assistant\",\"content\":\"Hi\"}]")]
    [InlineData("ollama", "http://127.0.0.1:9/", "{\"role\":\"assistant\",\"content\":\"Hi\"}]")]
    [InlineData("deepseek", "http://127.0.0.1:9/beta", "\"content\":\"Hi\",\"prefix\":true}]")]
    [InlineData("deepseek", "http://127.0.0.1:9/v1/", null)]
    [InlineData("openai", "http://127.0.0.1:9/v1/", null)]
    [InlineData("gemini", "http://127.0.0.1:9/v1/", null)]
    [InlineData("openai-responses", "http://127.0.0.1:9/v1/", null)]
    public async Task Services_ThatAreKnownToGoOn_AreAskedAsTheyDocument(string name, string url, string? sent)
    {
        // Only what is asked counts here: there is no third one.
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi).Rst(), Answers.Error(400, "x", Close).Fin(), Answers.Error(400, "x", Close).Fin()) { AllowsUnused = true };
        var second = wire.Client(null, Providers.Get(name) with { BaseUrl = new Uri(url), Credential = Credential.Bearer("k") }, "m1");
        await using var stream = await Chain(wire, Open(wire, 0), second).StreamAsync("Hi", wire.Token);
        await Assert.ThrowsAsync<LlmException>(() => ReadAsync(stream, wire.Token));
        if (sent is null)
            Assert.DoesNotContain("assistant", wire.Requests[1], StringComparison.Ordinal);
        else
            Assert.Contains(sent, wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claude-3-haiku-20240307", true)]
    [InlineData("claude-3-5-haiku-latest", true)]
    [InlineData("anthropic/claude-3.7-sonnet", true)]
    [InlineData("claude-sonnet-4-20250514", true)]
    [InlineData("claude-sonnet-4-0", true)]
    [InlineData("claude-opus-4-1-20250805", true)]
    [InlineData("anthropic/claude-opus-4.5", true)]
    [InlineData("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", true)]
    [InlineData("claude-haiku-4-5", true)]
    [InlineData("anthropic.claude-v2:1", true)]
    [InlineData("claude-opus-4-6", false)]
    [InlineData("claude-sonnet-4-6", false)]
    [InlineData("us.anthropic.claude-opus-4-6-v1", false)]
    [InlineData("anthropic/claude-opus-4.8", false)]
    [InlineData("claude-sonnet-5", false)]
    [InlineData("claude-fable-5-20260801", false)]
    [InlineData("claude-opus-10-1", false)]
    [InlineData("anthropic/claude-3.7-sonnet:thinking", false)]
    [InlineData("claude-latest", false)]
    [InlineData("gpt-4", false)]
    public void Claude_BeforeVersion46_TakesABeginning(string model, bool takes) => Assert.Equal(takes, Prefill.IsClaudeBefore46(model));

    [Fact]
    public async Task Continued_ServiceRefusesTheBeginning_BeginsAnewThere()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi).Rst(),
            Answers.Error(400, "invalid_request_error", Close).Fin(),
            Script.OnRequest.Sse().Chunk(Anthropic("Hello")).LastChunk());
        var reply = await (await Chain(wire, Open(wire, 0), Client(wire, 1, new AnthropicProtocol(), Claude)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hello", false), (reply.Text, reply.Switches[0].IsContinued));
        Assert.Equal([LlmErrorKind.ConnectionLost, LlmErrorKind.BadRequest], reply.Attempts.Select(attempt => attempt.Kind));
        Assert.DoesNotContain("assistant", wire.Requests[2], StringComparison.Ordinal);
    }

    [Theory]
    [Case(154)]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task Stream_OfWhichNothingWasHandedOn_AddsNothingToWhatIsContinued(string type)
    {
        // JSON lines are read as they come, or else, under the type of a whole answer, at their end.
        const string Line = """{"model":"m","message":{"role":"assistant","content":"Unseen"},"done":false}""" + "\n";
        bool isWhole = type == "application/json";
        using var wire = new FaultWire(
            Script.OnRequest.Head(200, $"Content-Type: {type}", "Transfer-Encoding: chunked").Chunk(isWhole ? Line + Line : Line[..40]).Rst(),
            Cut(Answers.Hi, "rst"),
            Script.OnRequest.Sse().Chunk(Answers.You + Answers.Stop + Answers.End).LastChunk());
        var quick = new LlmClientOptions { Retries = LlmRetries.None };
        WireProtocol[] wires = [new OllamaProtocol(), FaultWire.Compatible().Protocol, Providers.Vllm.Protocol];
        var clients = wires.Select((protocol, i) => wire.Client(quick, FaultWire.Compatible() with { Name = $"s{i}", Protocol = protocol }, $"m{i}")).ToArray();
        var reply = await (await Chain(wire, clients).StreamAsync("Hello", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", 2, 1L), (reply.Text, Assert.Single(reply.Switches).Characters, reply.Switches[0].Events));
        Assert.Contains("""{"role":"assistant","content":"Hi"}]""", wire.Requests[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task Stream_ByteOrderMarkComesInPieces_IsContinuedFromAllThatCame(string? type)
    {
        string? sent = null;
        var body = new ScriptedStream().Send([0xEF]).Send([0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Answers.Hi)]).Send(Answers.You).Fail(new IOException("Reset."));
        using var first = new MockHttpMessageHandler();
        first.When("*").Respond(_ => Answered(body, type));
        using var second = new MockHttpMessageHandler();
        second.When("*").Respond(async request =>
        {
            sent = await request.Content!.ReadAsStringAsync();
            return Answered(new ScriptedStream().Send(Answers.Hi.Replace("Hi", " all", StringComparison.Ordinal) + Answers.Stop + Answers.End).End(), "text/event-stream");
        });
        using var one = new LlmClient(FaultWire.Compatible() with { Name = "s0" }, "m0", null, first.ToHttpClient());
        using var other = new LlmClient(FaultWire.Compatible() with { Name = "s1", Protocol = Providers.Vllm.Protocol }, "m1", null, second.ToHttpClient());
        await using var stream = await new FallbackChain([one, other], new FallbackOptions { StreamFailover = StreamFailover.Default }).StreamAsync("Hello");
        var updates = await ReadAsync(stream, CancellationToken.None);
        Assert.Equal(["Connected", "Text Hi", "Text  you", "Switched", "Text  all", "Stop", "Done"], updates.Select(Describe));
        Assert.Contains("""{"role":"assistant","content":"Hi you"}]""", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_OfBareDocuments_TellsAtTheSeamWhatWasHandedOn()
    {
        using var wire = new FaultWire(Cut(Answers.Hi["data: ".Length..^1] + Answers.You["data: ".Length..^1], "rst"), Answers.Stream);
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", 6, 2L), (reply.Text, Assert.Single(reply.Switches).Characters, reply.Switches[0].Events));
    }

    [Fact]
    public async Task Stream_BreaksTwice_IsContinuedFromAllThatCame()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Hi).Rst(),
            Script.OnRequest.Sse().Chunk(MessageStart + BlockStart + Delta(" you")).Rst(),
            Script.OnRequest.Sse().Chunk(Anthropic(" all")).LastChunk());
        await using var stream = await Chain(wire, Open(wire, 0), Client(wire, 1, new AnthropicProtocol(), Claude), Client(wire, 2, new AnthropicProtocol(), Claude)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal("Hi you all", reply.Text);
        Assert.Single(reply.Message.Parts);
        Assert.Equal([("s0:m0", $"s1:{Claude}", 2), ($"s1:{Claude}", $"s2:{Claude}", 6)], reply.Switches.Select(seam => (seam.From, seam.To, seam.Characters)));
        Assert.Contains("""{"role":"assistant","content":"Hi you"}]""", wire.Requests[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_BreaksTwice_BeginsAnewTwice()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Cut(Answers.Hi.Replace("Hi", "Ho", StringComparison.Ordinal), "error"), Answers.Stream);
        var reply = await (await Chain(wire, Open(wire, 0), Open(wire, 1), Open(wire, 2)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", 2), (reply.Text, reply.Switches.Count));
        Assert.Equal([LlmErrorKind.ConnectionLost, LlmErrorKind.StreamError], reply.Attempts.Select(attempt => attempt.Kind));
    }

    [Fact]
    public async Task Stream_NextCannotBegin_GoesToTheOneBehindItWithOneSeam()
    {
        using var wire = new FaultWire(
            Cut(Answers.Hi, "rst"),
            Answers.Error(429, "x", Close).Fin(),
            Script.OnRequest.Sse().Chunk(Answers.Role + ErrorInside).LastChunk().Fin(),
            Answers.Stream);
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, MaxAttempts = 9 };
        var quick = new LlmClientOptions { Retries = LlmRetries.None };
        var clients = Enumerable.Range(0, 4).Select(i => wire.Client(quick, FaultWire.Compatible() with { Name = $"s{i}" }, $"m{i}")).ToArray();
        var reply = await (await Chain(wire, options, clients).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", "s0:m0", "s3:m3"), (reply.Text, Assert.Single(reply.Switches).From, reply.Switches[0].To));
        Assert.Equal(["s0:m0", "s1:m1", "s2:m2"], reply.Attempts.Select(attempt => attempt.Endpoint));
    }

    [Fact]
    public async Task Stream_NobodyIsLeft_EndsWithTheFirstErrorAndAllAttempts()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Error(402, "x", Close).Fin(), Answers.Error(404, "x", Close).Fin());
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1), Open(wire, 2)).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal((LlmErrorKind.ConnectionLost, "s0", true, "Hi"), (error.Kind, error.Provider, error.OutputCommitted, error.Partial?.Text));
        Assert.Equal([("s0:m0", LlmErrorKind.ConnectionLost), ("s1:m1", LlmErrorKind.QuotaExhausted), ("s2:m2", LlmErrorKind.NotFound)], error.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind)));
        Assert.Empty(stream.Switches);
    }

    [Fact]
    public async Task Stream_BreaksAtTheLast_EndsWithItsErrorAndAllAttempts()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Cut(Answers.Hi, "error"));
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal((LlmErrorKind.StreamError, "s1", "Hi", 1), (error.Kind, error.Provider, error.Partial?.Text, error.Partial?.Switches.Count));
        Assert.Equal(["s0:m0", "s1:m1"], error.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal(error.Partial?.Switches[0].Failure.Message, error.Attempts[0].Message);
        Assert.Equal((error.ProviderCode, error.Message), (error.Attempts[1].ProviderCode, error.Attempts[1].Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Citations_ThatWaitForTheEnd_ComeBeforeTheErrorOfAnAnswerThatNobodyTakesOver(bool isBehindASeam)
    {
        string cited = Answers.Hi.Replace("\"model\":\"m\",", "\"model\":\"m\",\"citations\":[\"https://one.test/\"],", StringComparison.Ordinal);
        using var wire = new FaultWire(isBehindASeam ? [Cut(Answers.You, "rst"), Cut(cited, "rst")] : [Cut(cited, "rst"), Answers.Error(402, "x", Close).Fin()]);
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var kinds = new List<StreamEventKind>();
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token))
                kinds.Add(stream.Current.Kind);
        });
        StreamEventKind[] before = isBehindASeam ? [StreamEventKind.Connected, StreamEventKind.Text, StreamEventKind.Switched] : [StreamEventKind.Connected];
        Assert.Equal([.. before, StreamEventKind.Text, StreamEventKind.Citation], kinds);
        Assert.Equal((LlmErrorKind.ConnectionLost, isBehindASeam ? "s1" : "s0", 2), (error.Kind, error.Provider, error.Attempts.Count));
        // And every later read says the same.
        Assert.Same(error, await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync(wire.Token)));
    }

    [Fact]
    public async Task MaxAttempts_AreReached_AsksNobodyElse()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"));
        await using var stream = await Chain(wire, new FallbackOptions { StreamFailover = StreamFailover.Default, MaxAttempts = 1 }, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task Call_HasBegun_BeginsAnewAndNeverJoinsIt()
    {
        using var wire = new FaultWire(Cut(Answers.Hi + CallBegins, "rst"), Script.OnRequest.Sse().Chunk(CallBegins + CallEnds + Answers.Stop + Answers.End).LastChunk());
        var request = ChatRequest.Ask("Hi") with { Tools = [new ToolDefinition("f", "d", RawJson.Parse("""{"type":"object"}"""))] };
        var reply = await (await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync(request, wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("", """{"a":1}""", false), (reply.Text, Assert.Single(reply.CompletedToolCalls).Arguments, reply.Switches[0].IsContinued));
    }

    [Fact]
    public async Task Call_WasGivenWhole_AsksNobodyElse()
    {
        // The library's own wires give no call before the answer's end; somebody else's may.
        using var wire = new FaultWire(Cut("data: x\n\n", "rst"));
        await using var stream = await Chain(wire, Client(wire, 0, new EarlyCalls()), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var kinds = new List<StreamEventKind>();
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token))
                kinds.Add(stream.Current.Kind);
        });
        Assert.Equal([StreamEventKind.Connected, StreamEventKind.ToolCall], kinds);
        Assert.Equal((true, "s0"), (error.OutputCommitted, error.Provider));
    }

    [Fact]
    public async Task Thoughts_WithoutASignature_AreNotSentAndTheTextGoesOn()
    {
        using var wire = new FaultWire(Cut(Thought + Answers.Hi, "rst"), Answers.Stream);
        var reply = await (await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hm", "HiHi you", true), (reply.Reasoning, reply.Text, reply.Switches[0].IsContinued));
    }

    [Fact]
    public async Task Thoughts_BehindTheSeam_ArePartsOfTheirOwn()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Script.OnRequest.Sse().Chunk(Thought + Answers.You + Answers.Stop + Answers.End).LastChunk());
        var reply = await (await Chain(wire, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hm", "Hi you", 2), (reply.Reasoning, reply.Text, reply.Message.Parts.Count));
    }

    [Fact]
    public async Task Thoughts_WithASignature_BeginAnew()
    {
        const string Signed = """
            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}


            """;
        using var wire = new FaultWire(
            Cut(MessageStart + Signed + BlockStart.Replace(":0", ":1", StringComparison.Ordinal) + Delta("Hi").Replace("index\":0", "index\":1", StringComparison.Ordinal), "rst"),
            Script.OnRequest.Sse().Chunk(Anthropic("Hello")).LastChunk());
        await using var stream = await Chain(wire, Client(wire, 0, new AnthropicProtocol(), Claude), Client(wire, 1, new AnthropicProtocol(), Claude)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("", "Hello", false), (reply.Reasoning, reply.Text, reply.Switches[0].IsContinued));
    }

    [Theory]
    [InlineData(Claude, true)]
    [InlineData("m1", false)]
    public async Task Thoughts_WithASignatureBehindTheSeam_AreOfTheServiceThatGaveThem(string model, bool isContinued)
    {
        const string Signed = """
            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}


            """;
        using var wire = new FaultWire(Cut(Answers.Role + Answers.Hi, "rst"), Script.OnRequest.Sse().Chunk(MessageStart + Signed + BlockStart.Replace(":0", ":1", StringComparison.Ordinal)
            + Delta("Hello").Replace("index\":0", "index\":1", StringComparison.Ordinal) + MessageEnd.Replace("index\":0", "index\":1", StringComparison.Ordinal)).LastChunk());
        var second = wire.Client(new LlmClientOptions(), FaultWire.Compatible() with { Name = "s1", Protocol = new AnthropicProtocol(), Origin = "second" }, model);
        await using var stream = await Chain(wire, Open(wire, 0), second).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(isContinued, reply.Switches[0].IsContinued);
        var data = Assert.Single(reply.Message.Parts, part => part.WireData is not null).WireData!;
        Assert.Equal(("second", """{"type":"thinking","thinking":"","signature":"c2ln"}"""), (data.Origin, data.Json.ToString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_IsKnown_AsksNobodyElse(bool isAnthropic)
    {
        const string Stopped = """
            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}


            """;
        using var wire = new FaultWire(Cut(isAnthropic ? MessageStart + BlockStart + Delta("Hi") + Stopped : Answers.Hi + Answers.Stop, "rst"));
        await using var stream = await Chain(wire, isAnthropic ? Client(wire, 0, new AnthropicProtocol(), Claude) : Open(wire, 0), Open(wire, 1)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(LlmErrorKind.ConnectionLost, error.Kind);
        Assert.Single(wire.Requests);
    }

    [Theory]
    [InlineData("format")]
    [InlineData("thinking")]
    [InlineData("tools")]
    [InlineData("choices")]
    [InlineData("begun")]
    [InlineData("off")]
    public async Task Request_WhoseAnswerIsMoreThanAText_BeginsAnew(string what)
    {
        var asked = ChatRequest.Ask("Hi");
        asked = what switch
        {
            "format" => asked with { Format = ReplyFormat.Json },
            "thinking" => asked with { Thinking = Thinking.High },
            "tools" => asked with { Tools = [new ToolDefinition("f", "d", RawJson.Parse("""{"type":"object"}"""))] },
            "choices" => asked with { ChoiceCount = 2 },
            "begun" => asked with { Messages = [.. asked.Messages, new Message(Role.Assistant, [new TextPart("I ")])] },
            _ => asked,
        };
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        var options = new FallbackOptions { StreamFailover = new() { Continues = what != "off" } };
        var reply = await (await Chain(wire, options, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync(asked, wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", false), (reply.Text, reply.Switches[0].IsContinued));
        Assert.DoesNotContain("continue_final_message", wire.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restarts_AreOff_AsksOnlyWhoCanGoOn()
    {
        var options = new FallbackOptions { StreamFailover = new() { Restarts = false } };
        using (var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream))
        {
            var reply = await (await Chain(wire, options, Open(wire, 0), Open(wire, 1), Client(wire, 2, Providers.Vllm.Protocol)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
            Assert.Equal(("HiHi you", "s2:m2"), (reply.Text, Assert.Single(reply.Switches).To));
        }
        using (var wire = new FaultWire(Cut(Answers.Hi, "rst")))
        {
            await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
            await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
            Assert.Single(wire.Requests);
        }
    }

    [Fact]
    public async Task StreamText_Breaks_IsContinuedAndNeverBeginsAnew()
    {
        using (var wire = new FaultWire(Cut(Answers.Hi, "rst"), Script.OnRequest.Sse().Chunk(Answers.You + Answers.Stop + Answers.End).LastChunk()))
            Assert.Equal("Hi you", await TextAsync(Chain(wire, Open(wire, 0), Open(wire, 1), Client(wire, 2, Providers.Vllm.Protocol)), wire));
        using (var wire = new FaultWire(Cut(Answers.Hi, "rst")))
        {
            await Assert.ThrowsAsync<LlmException>(() => TextAsync(Chain(wire, Open(wire, 0), Open(wire, 1)), wire));
            Assert.Single(wire.Requests);
        }

        static async Task<string> TextAsync(FallbackChain chain, FaultWire wire)
        {
            string text = "";
            await foreach (string piece in chain.StreamTextAsync("Hi", wire.Token))
                text += piece;
            return text;
        }
    }

    [Theory]
    [Case(143, 145)]
    [InlineData("read", false)]
    [InlineData("call", false)]
    [InlineData("dispose", false)]
    [InlineData("read", true)]
    [InlineData("call", true)]
    [InlineData("dispose", true)]
    public async Task Seam_IsEndedByTheCaller_EndsAtOnceAndAsTheCallersOwn(string how, bool isError)
    {
        using var read = new CancellationTokenSource();
        using var call = new CancellationTokenSource();
        ChatStream? opened = null;
        ValueTask disposal = default;
        var next = isError ? Script.OnRequest.Head(503, "Content-Type: application/json", "Transfer-Encoding: chunked") : Script.OnRequest;
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), next.Do(() =>
        {
            if (how == "read")
                read.Cancel();
            else if (how == "call")
                call.Cancel();
            else
                disposal = opened!.DisposeAsync();
        }).Stall());
        await using var stream = opened = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", call.Token);
        var error = await Record.ExceptionAsync(async () =>
        {
            while (await stream.ReadAsync(read.Token))
            {
            }
        });
        await disposal;
        if (how == "dispose")
            Assert.IsType<ObjectDisposedException>(error);
        else
            Assert.Equal(how == "read" ? read.Token : call.Token, Assert.IsAssignableFrom<OperationCanceledException>(error).CancellationToken);
        Assert.Equal(2, wire.Requests.Count);
        Assert.Equal(0, wire.Time.Pending);
    }

    [Fact]
    public async Task RequestFor_BehindTheSeam_SaysWhatTheNextIsAsked()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, RequestFor = (client, request) => request with { MaxTokens = client.Provider.Name == "s0" ? 11 : 22 } };
        await (await Chain(wire, options, Open(wire, 0), Client(wire, 1, Providers.Vllm.Protocol)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Contains("\"max_tokens\":22", wire.Requests[1], StringComparison.Ordinal);
        Assert.Contains("continue_final_message", wire.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cost_OfAnAnswerWithASeam_IsThatOfAllAttemptsAsFarAsKnown()
    {
        var prices = PriceTable.BuiltIn.With("s0", Claude, new Price(3, 15)).With("s1", Claude, new Price(3, 15));
        using var wire = new FaultWire(Cut(MessageStart + BlockStart + Delta("Hi"), "rst"), Script.OnRequest.Sse().Chunk(Anthropic(" you")).LastChunk());
        var clients = Enumerable.Range(0, 2).Select(i => wire.Client(new LlmClientOptions { Prices = prices }, FaultWire.Compatible() with { Name = $"s{i}", Protocol = new AnthropicProtocol() }, Claude)).ToArray();
        var reply = await (await Chain(wire, clients).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 }, wire.Token)).ReplyAsync(wire.Token);
        decimal before = ((1000 * 3) + (1 * 15)) / 1_000_000m;
        decimal behind = ((1000 * 3) + (20 * 15)) / 1_000_000m;
        Assert.Equal((1000L, before), (reply.Switches[0].Usage?.InputTokens, reply.Switches[0].Cost?.Amount));
        Assert.Equal((20L, before + behind), (reply.Usage?.OutputTokens, reply.Cost?.Amount));
    }

    [Fact]
    public async Task Cost_ThatNoNumberHoldsBehindASeam_IsNotKnown()
    {
        const string Huge = "x-litellm-response-cost: 79228162514264337593543950335";
        using var wire = new FaultWire(Script.OnRequest.Sse(Huge).Chunk(Answers.Role + Answers.Hi).Rst(), Script.OnRequest.Sse(Huge).Chunk(Answers.All).LastChunk());
        var reply = await (await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(decimal.MaxValue, Assert.Single(reply.Switches).Cost?.Amount);
        Assert.Null(reply.Cost);
    }

    [Fact]
    public async Task Text_ReadAlone_LeavesTheSeamWithTheStream()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        await using var stream = await Chain(wire, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        string text = "";
        await foreach (string piece in stream.TextAsync(wire.Token))
            text += piece;
        Assert.Equal("HiHi you", text);
        Assert.Equal("Hi you", text[Assert.Single(stream.Switches).Characters..]);
    }

    [Fact]
    public async Task Budget_OfACallWithASeam_CountsBothAttempts()
    {
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 1000 });
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Script.OnRequest.Sse().Chunk(Anthropic(" you")).LastChunk());
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, Budget = budget };
        await using var stream = await Chain(wire, options, Open(wire, 0), Client(wire, 1, new AnthropicProtocol(), Claude)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token);
        Assert.Equal("Hi you", (await stream.ReplyAsync(wire.Token)).Text);
        // Nobody says what the broken one used: as much is counted as was held for it.
        Assert.Equal((100 + 20, 0), (budget.OutputTokens, budget.HeldOutputTokens));
    }

    [Fact]
    public async Task Budget_ThatDoesNotCoverTheNext_EndsWithWhatBroke()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"));
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, CallBudget = new BudgetLimits { MaxOutputTokens = 150 } };
        await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1)).StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(LlmErrorKind.ConnectionLost, error.Kind);
        Assert.Equal([LlmErrorKind.ConnectionLost, LlmErrorKind.BudgetExceeded], error.Attempts.Select(attempt => attempt.Kind));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task Budget_IsUsedUpByTheAnswer_AsksNobodyElse()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi.Replace("Hi", new string('x', 4000), StringComparison.Ordinal)).Chunk(Answers.You).Stall());
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, CallBudget = new BudgetLimits { MaxOutputTokens = 10, AllowsUnknown = true } };
        await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1)).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync(wire.Token));
        Assert.Equal(LlmErrorKind.BudgetExceeded, error.Kind);
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task Telemetry_OfACallWithASeam_HasASpanForEachAttempt()
    {
        using var probe = new TelemetryProbe();
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        var clients = Enumerable.Range(0, 2).Select(i => wire.Client(null, probe.Service(FaultWire.Compatible() with { Name = $"s{i}" }), $"m{i}")).ToArray();
        await using var stream = await Chain(wire, clients).StreamAsync("Hi", wire.Token);
        await ReadAsync(stream, wire.Token);
        Assert.Equal([("chat m0", "failed"), ("chat m1", "done"), ("fallback", "done")], probe.Activities.Select(activity => (activity.DisplayName, (string?)activity.GetTagItem("rawllm.outcome"))));
        Assert.All(probe.Activities.Take(2), child => Assert.Same(probe.Activities[2], child.Parent));
    }

    [Fact]
    public async Task Hedged_SecondIsHeardAndBreaks_GoesOnBehindIt()
    {
        using var wire = new FaultWire();
        wire.Time.IsPatient = true;
        var waits = new ManualResetEventSlim();
        wire.Time.OnWait = waits.Set;
        var late = Script.OnRequest.Do(() =>
        {
            waits.Wait(wire.Token);
            // As a timer does: on a thread of its own, and not in the middle of a read.
            ThreadPool.QueueUserWorkItem(_ => wire.Time.Advance(TimeSpan.FromSeconds(2)));
        });
        wire.Expect(late.Stall(), Cut(Answers.Hi, "error"), Answers.Stream);
        var options = new FallbackOptions { StreamFailover = StreamFailover.Default, HedgeAfter = TimeSpan.FromSeconds(2) };
        await using var stream = await Chain(wire, options, Open(wire, 0), Open(wire, 1), Open(wire, 2)).StreamAsync("Hi", wire.Token);
        var reply = await stream.ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", "s1:m1", "s2:m2"), (reply.Text, Assert.Single(reply.Switches).From, reply.Switches[0].To));
        Assert.Equal([LlmErrorKind.HedgeLost, LlmErrorKind.StreamError], reply.Attempts.Select(attempt => attempt.Kind));
    }

    [Fact]
    public async Task Loop_WhoseAnswerBreaks_GoesOnWithTheAnswerBehindTheSeam()
    {
        using var wire = new FaultWire(Cut(Answers.Hi, "rst"), Answers.Stream);
        var chain = Chain(wire, Open(wire, 0), Open(wire, 1));
        await using var stream = new ToolLoop(chain, []).Stream("Hi", wire.Token);
        int seams = 0;
        while (await stream.ReadAsync())
            seams += stream.Current.Answer.Kind == StreamEventKind.Switched ? 1 : 0;
        Assert.Equal(("Hi you", 1, 1), (stream.Run!.Reply.Text, stream.Run.Reply.Switches.Count, seams));
    }

    [Fact]
    public void Event_OfASeam_IsCopiedWithIt()
    {
        var seam = new StreamSwitch("a:m", "b:m", new LlmException(LlmErrorKind.ConnectionLost, "x"), IsContinued: true);
        Assert.Same(seam, new StreamEvent(StreamEventKind.Switched) { Switch = seam, Id = "1" }.ToUpdate().Switch);
    }

    private static FallbackChain Chain(FaultWire wire, params LlmClient[] clients) => Chain(wire, new FallbackOptions { StreamFailover = StreamFailover.Default }, clients);

    private static FallbackChain Chain(FaultWire wire, FallbackOptions options, params LlmClient[] clients) => new(clients, options);

    private static LlmClient Open(FaultWire wire, int number) => Client(wire, number, FaultWire.Compatible().Protocol);

    private static LlmClient Client(FaultWire wire, int number, WireProtocol protocol, string? model = null) =>
        wire.Client(new LlmClientOptions { Timeouts = new() { Idle = TimeSpan.FromSeconds(30) } }, FaultWire.Compatible() with { Name = $"s{number}", Protocol = protocol }, model ?? $"m{number}");

    private static Script Cut(string body, string cut)
    {
        var script = Script.OnRequest.Sse().Chunk(body);
        return cut switch
        {
            "fin" => script.Fin(),
            "rst" => script.Rst(),
            "end" => script.LastChunk(),
            "idle" => script.PassForever(),
            "error" => script.Chunk(ErrorInside).LastChunk(),
            "json" => script.Chunk("data: {\"choices\":[{\n\n").Stall(),
            _ => throw new ArgumentOutOfRangeException(nameof(cut)),
        };
    }

    private static string Anthropic(params string[] texts) => MessageStart + BlockStart + string.Concat(texts.Select(Delta)) + MessageEnd;

    private static string Delta(string text) => $$"""
        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{text}}"} }


        """;

    private static (WireProtocol Protocol, string Type, byte[] Body) Broken(string wire)
    {
        return wire switch
        {
            "chat-completions" => (new ChatCompletionsProtocol(), "text/event-stream", Bytes(Answers.Role + Answers.Hi)),
            "anthropic" => (new AnthropicProtocol(), "text/event-stream", Bytes(MessageStart + BlockStart + Delta("Hi"))),
            "responses" => (new ResponsesProtocol(), "text/event-stream", Bytes("""
                event: response.output_text.delta
                data: {"type":"response.output_text.delta","item_id":"i1","output_index":0,"content_index":0,"delta":"Hi"}


                """)),
            "gemini" => (new GeminiProtocol(), "text/event-stream", Bytes("""data: {"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"index":0}]}""" + "\n\n")),
            "ollama" => (new OllamaProtocol(), "application/x-ndjson", Bytes("""{"model":"m","message":{"role":"assistant","content":"Hi"},"done":false}""" + "\n")),
            "converse" => (new ConverseProtocol(), "application/vnd.amazon.eventstream", Message("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":"Hi"}}""")),
            _ => (new BedrockInvokeProtocol(), "application/vnd.amazon.eventstream", (byte[])[.. Piece("""{"type":"message_start","message":{"id":"m1","role":"assistant","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"""),
                .. Piece("""{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
                .. Piece("""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}""")]),
        };

        static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

        static byte[] Piece(string json) => Message("chunk", $$"""{"bytes":"{{Convert.ToBase64String(Bytes(json))}}"}""");

        static byte[] Message(string type, string payload) => AwsMessage.Event(type, payload);
    }

    private static async Task<List<StreamUpdate>> ReadAsync(ChatStream stream, CancellationToken token)
    {
        var updates = new List<StreamUpdate>();
        while (await stream.ReadAsync(token))
            updates.Add(stream.Current.ToUpdate());
        return updates;
    }

    private static HttpResponseMessage Answered(Stream body, string? type)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) };
        if (type is not null)
            response.Content.Headers.ContentType = new(type);
        return response;
    }

    private static string Describe(StreamUpdate update) => update.Text is { } text ? $"{update.Kind} {text}" : update.Kind.ToString();

    private sealed record EarlyCalls : WireProtocol
    {
        public override string Name => "early";

        public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire) => new ChatCompletionsProtocol().WriteRequest(request, stream, wire);

        public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events) => throw new NotSupportedException();

        public override StreamDecoder CreateDecoder(DecoderOptions? options = null) => new(new SseReader(), new EarlyDecoder(), options);

        public override bool IsStream(string? mediaType) => true;
    }

    private sealed class EarlyDecoder : EventDecoder
    {
        public override bool Decode(in Frame frame, EventBuffer events)
        {
            events.Add(StreamEventKind.ToolCall, 0, 0, "{}"u8, "t1", "f");
            return true;
        }

        public override void Complete(bool isCut, EventBuffer events) => throw new LlmException(LlmErrorKind.StreamTruncated, "Cut.");
    }
}
