using System.Buffers;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using RawLlm.Protocols;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Readme;

/// <summary>The code of the README and of the pages beside it.</summary>
internal static class Snippets
{
    public static LlmClient Client(HttpClient http) =>
        new(Providers.OpenAI with { Credential = Credential.Bearer("test-key") }, "gpt-6-luna", http: http);

    public static async Task Ask()
    {
        using var client = new LlmClient(Providers.OpenAI, "gpt-6-luna");
        ChatReply reply = await client.SendAsync("Why is the sky blue?");
        Console.WriteLine(reply.Text);
    }

    public static async Task StreamText(LlmClient client)
    {
        await foreach (string text in client.StreamTextAsync("Why is the sky blue?"))
            Console.Write(text);
    }

    public static async Task KeepUpdates(LlmClient client)
    {
        var updates = Channel.CreateUnbounded<StreamUpdate>();
        await using ChatStream stream = await client.StreamAsync("Why is the sky blue?");
        await foreach (StreamUpdate update in stream.UpdatesAsync())
            updates.Writer.TryWrite(update);
        updates.Writer.Complete();
    }

    public static async Task StreamEvents(LlmClient client, IBufferWriter<byte> output)
    {
        await using ChatStream stream = await client.StreamAsync("Why is the sky blue?");
        await foreach (StreamEvent e in stream)
        {
            if (e.Kind == StreamEventKind.Text)
                output.Write(e.Utf8);
        }
    }

    public static async Task<ToolRun> Functions(LlmClient client)
    {
        var weather = Tool.Create(
            new ToolDefinition("weather", "The weather in a city", """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""),
            arguments => $"4 °C in {arguments.RequiredText("city")}");
        ToolRun run = await new ToolLoop(client, [weather]).RunAsync("Do I need a coat in Oslo?");
        Console.WriteLine(run.Text);
        return run;
    }

    public static void Services()
    {
        using var client = new LlmClient(Providers.Groq, "openai/gpt-oss-120b");
        using var same = new LlmClient("groq:openai/gpt-oss-120b");
        using var other = new LlmClient(Providers.OpenAICompatible("http://localhost:8000", apiKey: null), "my-model");
    }

    public static async Task Errors(LlmClient client, CancellationToken cancellationToken)
    {
        try
        {
            await using ChatStream stream = await client.StreamAsync("Why is the sky blue?", cancellationToken);
            ChatReply reply = await stream.ReplyAsync(cancellationToken);
            Console.WriteLine(reply.Text);
        }
        catch (LlmException e) when ((e.CauseKind ?? e.Kind) is LlmErrorKind.RateLimited or LlmErrorKind.Overloaded)
        {
            Console.Error.WriteLine($"busy, try again in {e.RetryAfter ?? TimeSpan.FromSeconds(30)}");
        }
        catch (LlmException e) when (e.Partial is { } partial)
        {
            Console.Error.WriteLine($"{e.Kind} after: {partial.Text}");
        }
        catch (LlmException e)
        {
            Console.Error.WriteLine($"{e.Kind} in phase {e.Phase}, HTTP {e.Status}, request {e.RequestId}: {e.Message}");
        }
    }

    public static async Task KeepRaw()
    {
        using var client = new LlmClient(Providers.OpenAI, "gpt-6-luna", new LlmClientOptions { KeepRaw = true });
        ChatReply reply = await client.SendAsync("Why is the sky blue?");
        Console.WriteLine(ServiceTier(reply.Json.Utf8) ?? "no tier");
    }

    public static string? ServiceTier(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (json.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isTier = reader.ValueTextEquals("service_tier"u8);
            reader.Read();
            if (isTier)
                return reader.GetString();
            reader.Skip();
        }
        return null;
    }

    public static async Task<string?> ServiceTierOfAStream(LlmClient client)
    {
        await using ChatStream stream = await client.StreamAsync("Why is the sky blue?");
        string? tier = null;
        await foreach (StreamEvent e in stream)
            tier = ServiceTier(e.Frame) ?? tier;
        return tier;
    }

    public static async Task EmbedByAny()
    {
        using var own = new LlmClient(Providers.OpenAICompatible("http://localhost:8000", apiKey: null), "BAAI/bge-m3");
        using var other = new LlmClient(Providers.Ollama, "bge-m3");
        var chain = new FallbackChain([own, other], new FallbackOptions { TreatEmbeddingsAsCompatible = true });
        Embeddings vectors = await chain.EmbedAsync(new EmbeddingRequest(["Why is the sky blue?"]) { Dimensions = 1024 });
        Console.WriteLine($"{vectors.Provider}: {vectors.Dimensions} numbers");
    }

    public static void Patience()
    {
        var patient = new LlmClientOptions
        {
            Timeouts = LlmTimeouts.Default with { StreamHeaders = TimeSpan.FromMinutes(5), StreamDeadline = TimeSpan.FromMinutes(20) },
            Retries = LlmRetries.Default with { MaxAttempts = 5 },
        };
        using var client = new LlmClient(Providers.Groq, "openai/gpt-oss-120b", patient);
    }

    public static LlmClient FromFactory(HttpClient http)
    {
        http.Timeout = Timeout.InfiniteTimeSpan; // LlmTimeouts apply instead
        return new LlmClient(Providers.OpenAI, "gpt-6-luna", new LlmClientOptions { Retries = LlmRetries.None }, http);
    }

    public static SocketsHttpHandler Handler() => LlmClient.CreateHandler();

    public static SocketsHttpHandler HandlerThatChecksRevocation()
    {
        var handler = LlmClient.CreateHandler();
        handler.SslOptions.CertificateRevocationCheckMode = X509RevocationMode.Online;
        return handler;
    }

    public static async Task Models()
    {
        var provider = Providers.OpenRouter;
        using var client = new LlmClient(provider, "openrouter/auto");
        IReadOnlyList<ModelInfo> models = await client.ListModelsAsync();
        var withTools = models.Where(model => model.Supports(Capability.Tools));
        using var informed = new LlmClient(provider.WithModels(models), "openai/gpt-5");
    }

    public static Provider Unlisted()
    {
        var provider = new Provider("hunyuan", new("https://api.hunyuan.cloud.tencent.com/v1/"), new ChatCompletionsProtocol
        {
            MaxTokensName = "max_tokens",
            SupportsLaterSystemMessages = false,
            AcceptsRepeatedRoles = false,
        }, Credential.BearerFrom("HUNYUAN_API_KEY"));
        return provider;
    }

    public static async Task Learned()
    {
        using var client = new LlmClient(
            Providers.OpenAICompatible("http://localhost:8000", apiKey: null),
            "my-model",
            new() { AdaptToRefusals = true }
        );
        ChatReply reply = await client.SendAsync("Why is the sky blue?");
        foreach (LearnedDialect learned in client.LearnedDialects)
            Console.WriteLine($"{learned.Model}: new ChatCompletionsProtocol {{ {string.Join(", ", learned.Changes)} }}");
    }

    public static void Prices()
    {
        var prices = PriceTable.FromLiteLLM(File.ReadAllBytes("model_prices_and_context_window.json"), new DateOnly(2026, 11, 1))
            .Or(PriceTable.BuiltIn)
            .With("openai", "gpt-4o", new Price(Input: 2m, Output: 8m));
        using var client = new LlmClient(Providers.OpenAI, "gpt-4o", new LlmClientOptions { Prices = prices });
    }

    public static async Task Fallback()
    {
        using var first = new LlmClient(Providers.Anthropic, "claude-sonnet-4-5");
        using var second = new LlmClient(Providers.OpenAI, "gpt-5");
        var chain = new FallbackChain([first, second]);
        ChatReply reply = await chain.SendAsync("Why is the sky blue?");
        Console.WriteLine($"{reply.Provider}: {reply.Text}");

        var options = new FallbackOptions
        {
            RequestFor = (client, request) => client == first
                ? request with { Thinking = Thinking.High, Credential = Credential.Header("x-api-key", "the tenant's Anthropic key") }
                : request with { Credential = Credential.Bearer("the tenant's OpenAI key") },
        };
        chain = new FallbackChain([first, second], options);

        var sturdy = new FallbackChain([first, second], new FallbackOptions { StreamFailover = StreamFailover.Default });
        await using ChatStream answer = await sturdy.StreamAsync("Why is the sky blue?");
        await foreach (var e in answer)
        {
            if (e.Kind == StreamEventKind.Text)
                Console.Write(e.ToString());
            else if (e.Switch is { IsContinued: false } seam)
                Console.WriteLine($"\n-- forget the {seam.Characters} characters above: {seam.From} broke ({seam.Failure.Kind}), {seam.To} starts over --");
        }

        var quick = new FallbackChain([first, second], new FallbackOptions { HedgeAfter = TimeSpan.FromSeconds(3) });
        await using ChatStream stream = await quick.StreamAsync("Why is the sky blue?");

        var paced = new FallbackChain([first, second], new FallbackOptions { HedgeAfter = TimeSpan.FromSeconds(3), HedgePace = new HedgePace(), MaxHedgeShare = 0.02 });
        ChatReply prompt = await paced.SendAsync("Why is the sky blue?");
        Console.WriteLine($"{prompt.Text} ({paced.Hedges.Hedged} of {paced.Hedges.Calls} calls went to two, {paced.Hedges.Refused} were kept from it)");
    }

    public static async Task Budgets()
    {
        var day = new Budget(new BudgetLimits { MaxCost = 5m }, TimeSpan.FromDays(1));
        using var client = new LlmClient(Providers.OpenAI, "gpt-5-mini", new LlmClientOptions { Budget = day });

        var session = new Budget(new BudgetLimits { MaxCost = 0.50m });
        var chain = new FallbackChain([client], new FallbackOptions { Budget = session, CallBudget = new BudgetLimits { MaxCost = 0.05m } });
        try
        {
            var reply = await chain.SendAsync(ChatRequest.Ask("Why is the sky blue?") with { MaxTokens = 2000 });
        }
        catch (LlmException e) when (e.Kind == LlmErrorKind.BudgetExceeded)
        {
            Console.Error.WriteLine($"{e.Message} So far: {session}");
        }
    }

    public static async Task<List<Message>> Loop(LlmClient client, ToolDefinition weather)
    {
        List<Message> messages = [Message.User("Do I need a coat in Oslo?")];
        while (true)
        {
            var answer = new ReplyBuilder();
            await using ChatStream stream = await client.StreamAsync(new ChatRequest { Messages = [.. messages], Tools = [weather] });
            await foreach (StreamEvent e in stream)
            {
                answer.Add(e);
                if (e.Kind == StreamEventKind.Text)
                    Console.Write(e.ToString());
            }
            ChatReply reply = answer.Build(stream);
            messages.Add(reply.Message);
            if (reply.ToolCalls.Count == 0)
                break;
            // Services require a result for every call, even for one that was cut off.
            messages.Add(Message.ToolResults([.. reply.ToolCalls.Select(call => call.IsComplete
                ? new ToolResultPart(call.Id, Run(call)) { Name = call.Name }
                : new ToolResultPart(call.Id, "The call was cut off.") { Name = call.Name, IsError = true })]));
        }

        return messages;

        static string Run(ToolCall call) => $"4 °C in {call.ReadArguments().Text("city")}";
    }

    public static async Task<ToolRun> RunTools(LlmClient client)
    {
        var weather = Tool.Create(
            new ToolDefinition("weather", "The weather in a city", """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""),
            arguments => $"4 °C in {arguments.RequiredText("city")}");
        var loop = new ToolLoop(client, [weather]);
        ToolRun run = await loop.RunAsync("Do I need a coat in Oslo?");
        Console.WriteLine($"{run.Text} ({run.Turns} turns, tokens: {run.Usage}; {run.Cost})");
        return run;
    }

    public static ToolLoop UseGeneratedTools(LlmClient client, IForecasts forecasts)
    {
        var loop = new ToolLoop(client, new WeatherTools(forecasts).Tools);
        return loop;
    }

    public static async Task RunToolsInAConversation(ToolLoop loop)
    {
        List<Message> messages = [Message.User("Do I need a coat in Oslo?")];
        ToolRun run = await loop.RunAsync(new ChatRequest { Messages = [.. messages] });
        messages.AddRange(run.Messages);
    }

    public static void KeepWhatWasSeen(ToolStream stream, List<Message> messages)
    {
        messages.AddRange(stream.Run?.Messages ?? []);
        if (stream.Partial?.Text is { Length: > 0 } cutOff)
            messages.Add(Message.Assistant(cutOff));
    }

    public static async Task<ToolRun?> StreamTools(ToolLoop loop, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        await using ToolStream stream = loop.Stream("Do I need a coat in Oslo?", cancellationToken);
        await foreach (ToolEvent e in stream)
        {
            if (e.Answer.Kind == StreamEventKind.Text)
                output.Write(e.Answer.Utf8);
            else if (e.Kind == ToolEventKind.CallStarted)
                Console.Error.WriteLine($"{e.Call} runs");
            else if (e.Kind == ToolEventKind.CallFailed)
                Console.Error.WriteLine($"{e.Invocation}: {e.Invocation!.Error?.Message}");
        }
        ToolRun? run = stream.Run;
        return run;
    }

    public static async Task ShowArguments(ChatStream stream, Action<string, bool> show)
    {
        var calls = new Dictionary<int, PartialJson>();
        await foreach (StreamEvent e in stream)
        {
            if (e.Kind != StreamEventKind.ToolArguments)
                continue;
            if (!calls.TryGetValue(e.Index, out PartialJson? json))
                calls.Add(e.Index, json = new PartialJson());
            json.Append(e.Utf8);
            while (json.Read())
            {
                if (json.Current.Is("city"u8))
                    show(json.Current.ToString(), json.Current.IsClosed);
            }
        }
    }

    public static async Task KeepWhatWasSaid(ToolLoop loop, List<Message> messages, CancellationToken cancellationToken)
    {
        var progress = new ToolProgress();
        try
        {
            await loop.RunAsync(new ChatRequest { Messages = [.. messages] }, progress, cancellationToken);
        }
        finally
        {
            // Even if the token was canceled or a hook threw.
            messages.AddRange(progress.Run?.Messages ?? []);
        }
    }

    public static ToolLoopOptions PrepareTurns(Func<IReadOnlyList<Message>, CancellationToken, Task<IReadOnlyList<Message>>> Shorten)
    {
        var options = new ToolLoopOptions
        {
            Prepare = async (request, turn, cancellationToken) => turn == 1 || request.Messages.Count < 100
                ? request
                : request with { Messages = await Shorten(request.Messages, cancellationToken) },
        };
        return options;
    }

    public static async Task WaitForSomebody(LlmClient client, ToolSet tools, List<Message> messages)
    {
        var loop = new ToolLoop(client, tools);
        ToolRun run = await loop.RunAsync(new ChatRequest { Messages = [.. messages] });
        messages.AddRange(run.Messages);
        if (run.Pending.Count > 0)
            File.WriteAllBytes("conversation.json", Conversation.Write(messages));
    }

    public static async Task GoOnOnceDecided(LlmClient client, ToolSet tools, IEnumerable<(ToolCall, bool)> decided)
    {
        List<Message> messages = [.. Conversation.Read(File.ReadAllBytes("conversation.json"))];
        var decisions = new ToolDecisions();
        foreach ((ToolCall call, bool isAllowed) in decided)
            decisions.Add(call, isAllowed ? ToolApproval.Allow : ToolApproval.Deny("The user does not want that."));
        var loop = new ToolLoop(client, tools, new ToolLoopOptions { Decisions = decisions });
        ToolRun run = await loop.RunAsync(new ChatRequest { Messages = [.. messages] });
        messages.AddRange(run.Messages);
    }

    public static async Task RunByHand(ToolSet tools, ToolCall call, List<Message> messages)
    {
        ToolInvocation done = await tools.InvokeAsync(call, new ToolLoopOptions { Approve = (_, _) => new(ToolApproval.Allow) });
        messages.Add(Message.ToolResults(done.Result));
    }

    public static async Task<(ToolRun, Provider)> RunToolsOfTheService(ToolLoop loop)
    {
        ToolRun run = await loop.RunAsync(ChatRequest.Ask("What is new in Oslo, and do I need a coat?") with
        {
            Extra = new Dictionary<string, RawJson> { ["tools"] = """[{"type":"web_search"}]""" },
        });
        var searching = Providers.OpenAIResponses with
        {
            Protocol = (ResponsesProtocol)Providers.OpenAIResponses.Protocol with { HostedTools = ["""{"type":"web_search"}"""] },
        };
        return (run, searching);
    }

    public static async Task AnswerAnItem(ToolLoop loop, ChatRequest request, ToolRun run)
    {
        if (run.Reply.Message.Parts is [.., OpaquePart { WireData: { } asked }])
        {
            string id = JsonDocument.Parse(asked.Json.Utf8.ToArray()).RootElement.GetProperty("id").GetString()!;
            var answer = new WireData("responses", $$"""{"type":"mcp_approval_response","approval_request_id":"{{id}}","approve":true}""");
            request = request with { Messages = [.. request.Messages, .. run.Messages, Message.User(new OpaquePart(answer))] };
            run = await loop.RunAsync(request);
        }
    }

    public static ToolLoop DecideOnTools(LlmClient client, ToolSet tools, Func<ToolCall, CancellationToken, Task<bool>> AskTheUser)
    {
        var options = new ToolLoopOptions
        {
            MaxTurns = 8,
            MaxParallelCalls = 1,
            CallTimeout = TimeSpan.FromSeconds(30),
            MaxResultLength = 20_000,
            Approve = async (call, cancellationToken) => !tools.NeedsApproval(call) || await AskTheUser(call, cancellationToken)
                ? ToolApproval.Allow
                : ToolApproval.Deny("The user does not want that."),
            Repair = (call, flaw, cancellationToken) => new(call.Arguments.Replace('\'', '"')),
            DescribeFailure = (call, e) => e is FileNotFoundException ? "There is no such file." : null,
        };
        var loop = new ToolLoop(client, tools, options);
        return loop;
    }

    public static async Task EndARun(LlmClient client, ToolSet tools, List<Message> messages)
    {
        static bool HandsOver(ToolRun run) => run.Invocations.Any(invocation => invocation.HasRun && invocation.Call.Name == "hand_over");
        var loop = new ToolLoop(client, tools, new ToolLoopOptions { StopWhen = (run, _) => new(HandsOver(run)) });
        ToolRun run = await loop.RunAsync(new ChatRequest { Messages = [.. messages] });
        messages.AddRange(run.Messages);
        if (HandsOver(run))
            Console.WriteLine($"A person takes over: {run.Text}");
    }

    public static async Task GoOnAfterAFailure(ToolLoop loop, List<Message> messages)
    {
        try
        {
            messages.AddRange((await loop.RunAsync(new ChatRequest { Messages = [.. messages] })).Messages);
        }
        catch (LlmException e) when (e.Run is { } run)
        {
            messages.AddRange(run.Messages);
            Console.Error.WriteLine($"{e.Kind} after {run.Turns} turns; continue the conversation as it is.");
        }
    }

    public static Tool DrawingTool(Func<CancellationToken, Task<byte[]>> Draw)
    {
        var chart = new Tool(new ToolDefinition("chart", "Draws the temperatures of a week"), async (call, cancellationToken) =>
        {
            byte[] picture = await Draw(cancellationToken);
            return new ToolOutput([new TextPart("Monday to Sunday"), new ImagePart(picture, "image/png")]);
        });
        return chart;
    }

    public static List<Message> Store(List<Message> messages)
    {
        File.WriteAllBytes("conversation.json", Conversation.Write(messages));
        messages = [.. Conversation.Read(File.ReadAllBytes("conversation.json"))];
        return messages;
    }

    public static async Task Think(LlmClient client)
    {
        var request = new ChatRequest { Messages = [Message.User("Prove it.")], Thinking = Thinking.High with { Include = true } };
        ChatReply reply = await client.SendAsync(request);
        Console.WriteLine($"{reply.Reasoning}\n---\n{reply.Text}");
    }

    public static void Sources(ChatReply reply)
    {
        foreach (Citation citation in reply.Citations)
        {
            Console.WriteLine($"{citation.Title}: {citation.Url}");
            if (citation is { PartIndex: { } part, Start: { } start, End: { } end } && reply.Message.Parts[part] is TextPart text)
                Console.WriteLine($"   supports \"{text.Text[start..end]}\"");
        }
    }

    public static async Task Form(LlmClient client)
    {
        var request = new ChatRequest
        {
            Messages = [Message.User("The capital of Norway?")],
            Format = ReplyFormat.JsonSchema("city", """{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}""") with { Strict = true },
        };
        ChatReply reply = await client.SendAsync(request);
    }

    public static void Look()
    {
        var message = Message.User(
            "What is in the picture, and what does the paper say about it?",
            ImagePart.FromFile("cat.png"),
            new ImagePart(new Uri("https://example.org/cat.jpg")),
            FilePart.FromFile("cats.pdf"));
    }

    public static void Hear()
    {
        var message = Message.User("What is said here?", FilePart.FromFile("voice.wav"));
    }

    public static async Task Weigh(LlmClient client)
    {
        ChatReply reply = await client.SendAsync(new ChatRequest { Messages = [Message.User("Is a whale a fish? One word.")], TopLogProbs = 3 });
        foreach (TokenLogProb token in reply.LogProbs?.Tokens ?? [])
            Console.WriteLine($"{token.Token} {token.Probability:P1}, or {string.Join(", ", token.Alternatives.Select(other => other.Token))}");
    }

    public static async Task Draw(LlmClient client)
    {
        var request = new ChatRequest
        {
            Messages = [Message.User("A cat, and say its name")],
            Extra = new Dictionary<string, RawJson> { ["modalities"] = """["image","text"]""" },
        };
        ChatReply reply = await client.SendAsync(request);
        int number = 0;
        foreach (ImagePart image in reply.Images.Where(image => image.Url is null))
            File.WriteAllBytes($"cat-{++number}.{ExtensionOf(image.MediaType)}", image.Data.ToArray());
        foreach (FilePart sound in reply.Audio)
            File.WriteAllBytes($"cat-{++number}.{ExtensionOf(sound.MediaType)}", sound.Data.ToArray());

        static string ExtensionOf(string? mediaType) => mediaType?.Split(';')[0] switch
        {
            "image/png" => "png",
            "image/jpeg" => "jpg",
            "image/webp" => "webp",
            "audio/wav" => "wav",
            "audio/mpeg" => "mp3",
            "audio/pcm" or "audio/L16" => "pcm", // raw samples without a header: no player opens them as they are
            _ => "bin",
        };
    }

    public static void Keys(string key, string anthropicKey)
    {
        using var client = new LlmClient(Providers.OpenAI.WithKey(key), "gpt-6-luna");
        using var other = new LlmClient(Providers.Anthropic.WithKey(anthropicKey), "claude-haiku-4-5");
        using var local = new LlmClient(Providers.OpenAICompatible("http://localhost:8000", apiKey: null), "my-model");
    }

    public static ChatRequest Flexible()
    {
        var flexible = ChatRequest.Ask("Why is the sky blue?") with
        {
            Extra = new Dictionary<string, RawJson> { ["service_tier"] = RawJson.FromText("flex"), ["top_k"] = 40, ["metadata"] = """{"team":"search"}""" },
        };
        return flexible;
    }

    public static void AccessKeys()
    {
        using var client = new LlmClient(Providers.BedrockIn("eu-central-1", AwsSignature.FromEnvironment("eu-central-1")), "anthropic.claude-haiku-4-5-20251001-v1:0");
    }

    public static Provider Gateway()
    {
        var gateway = Providers.Anthropic with
        {
            BaseUrl = new Uri("https://llm.example.com/anthropic/v1/"),
            Credential = Credential.BearerFrom("GATEWAY_KEY"),
            Headers = new Dictionary<string, string> { ["x-team"] = "search" },
        };
        return gateway;
    }

    public static async Task ManyTenants(LlmClient client, string tenantKey, CancellationToken cancellationToken)
    {
        var request = ChatRequest.Ask("Why is the sky blue?") with { Credential = Credential.Bearer(tenantKey) };
        ChatReply reply = await client.SendAsync(request, cancellationToken);
    }

    public sealed class LlmErrors : IExceptionHandler
    {
        public async ValueTask<bool> TryHandleAsync(HttpContext http, Exception error, CancellationToken cancellationToken)
        {
            if (error is not LlmException e || http.Response.HasStarted)
                return false;
            if (e.RetryAfter is { } wait)
                http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await Results.Problem(title: $"{e.CauseKind ?? e.Kind}", statusCode: e.GatewayStatus).ExecuteAsync(http);
            return true;
        }
    }

    public static async Task Settings(LlmClient client, CancellationToken cancellationToken)
    {
        var request = new ChatRequest
        {
            System = "Answer in one sentence.",
            Messages = [Message.User("Why is the sky blue?")],
            MaxTokens = 200,
            Temperature = 0.2,
        };
        ChatReply reply = await client.SendAsync(request, cancellationToken);
        if (reply.StopReason != StopReason.EndTurn)
            Console.Error.WriteLine($"ended for another reason: {reply.StopReason} ({reply.RawStopReason})");
    }

    public static async Task<ChatReply> ShowAndKeep(LlmClient client, IBufferWriter<byte> output)
    {
        var answer = new ReplyBuilder();
        await using ChatStream stream = await client.StreamAsync("Why is the sky blue?");
        await foreach (StreamEvent e in stream)
        {
            answer.Add(e);
            if (e.Kind == StreamEventKind.Text)
                output.Write(e.Utf8);
        }
        ChatReply reply = answer.Build(stream);
        return reply;
    }

    public static async IAsyncEnumerable<SseItem<string>> EventsAsync(LlmClient client, string prompt, [EnumeratorCancellation] CancellationToken aborted)
    {
        await using ChatStream stream = await client.StreamAsync(prompt, aborted);
        await foreach (string text in stream.TextAsync(aborted))
            yield return new SseItem<string>(text);
        yield return new SseItem<string>($"{stream.StopReason}", "end");
    }

    public static ChatRequest KeepInstructions(string manual, DateOnly today)
    {
        var request = new ChatRequest
        {
            Messages =
            [
                Message.System(new TextPart(manual) { Cache = PromptCache.OneHour }, new TextPart($"Today is {today:D}.")),
                Message.User("How is the filter changed?"),
            ],
        };
        return request;
    }

    public static async Task PassOnAsync(LlmClient client, string prompt, PipeWriter body, CancellationToken aborted)
    {
        await using ChatStream stream = await client.StreamAsync(prompt, aborted);
        while (await stream.ReadAsync(aborted))
        {
            bool hasText = false;
            do
            {
                if (stream.Current.Kind == StreamEventKind.Text)
                {
                    body.Write(stream.Current.Utf8);
                    hasText = true;
                }
            }
            while (stream.TryRead());
            // A flush starts the response; after that, an error cannot become a status code.
            if (hasText)
                await body.FlushAsync(aborted);
        }
    }

    public static async Task<ChatReply> Share(LlmClient client, TextWriter writer, IStreamObserver counter, IBufferWriter<byte> output)
    {
        await using TeeStream stream = (await client.StreamAsync("Why is the sky blue?")).Tee(new Log(writer), counter);
        await foreach (StreamEvent e in stream)
        {
            if (e.Kind == StreamEventKind.Text)
                output.Write(e.Utf8);
        }
        ChatReply reply = stream.Reply;
        return reply;
    }

    public static void Curl(LlmClient client)
    {
        Console.WriteLine(client.ToCurl("It's blue. Why?", stream: true));
    }

    public static async Task<string> Mocked()
    {
        using var http = new MockHttpMessageHandler();
        http.When("https://api.openai.com/v1/chat/completions").Respond("text/event-stream",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
        using var client = new LlmClient(Providers.OpenAI with { Credential = Credential.Bearer("test") }, "gpt-6-luna", http: http.ToHttpClient());
        return (await client.SendAsync("Hello")).Text;
    }

    public static async Task<IReadOnlyDictionary<string, Recipe>> AskForMany(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        using var client = new LlmClient(Providers.OpenAI, "gpt-6-luna", new() { Retries = new() { MaxAttempts = 20, Budget = 100_000 } });
        var recipes = new ConcurrentDictionary<string, Recipe>();
        await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellationToken }, async (text, token) =>
            recipes[text] = (await client.SendAsync<Recipe>(text, cancellationToken: token)).Value);
        return recipes;
    }

    public static async Task<Recipe> AskForAValue(LlmClient client)
    {
        TypedReply<Recipe> reply = await client.SendAsync<Recipe>("Something with beetroot");
        Console.WriteLine($"{reply.Value.Title}, {reply.Value.Minutes} min, tokens: {reply.Reply.Usage}");
        return reply.Value;
    }

    public static async Task<Recipe> ReadAValue(LlmClient client)
    {
        await using ChatStream stream = await client.StreamAsync(ChatRequest.Ask("Something with beetroot") with { Format = ReplyFormat.Of<Recipe>() });
        ChatReply reply = await stream.ReplyAsync();
        Recipe recipe = reply.Read<Recipe>().Value;
        return recipe;
    }

    public static async Task<Recipe> ShowAValue(LlmClient client, Action<string> showTitle, Action<RawJson> addIngredient)
    {
        var json = new PartialJson();
        var answer = new ReplyBuilder();
        await using ChatStream stream = await client.StreamAsync(ChatRequest.Ask("Something with beetroot") with { Format = ReplyFormat.Of<Recipe>() });
        await foreach (StreamEvent e in stream)
        {
            answer.Add(e);
            if (e.Kind != StreamEventKind.Text || e.Phase == TextPart.Commentary)
                continue;
            json.Append(e.Utf8);
            while (json.Read())
            {
                if (json.Current.Is("title"u8))
                    showTitle(json.Current.ToString());
                else if (json.Current.Is("ingredients[]"u8) && json.Current.IsClosed)
                    addIngredient(json.Current.ToRawJson());
            }
        }
        Recipe recipe = answer.Build(stream).Read<Recipe>().Value;
        return recipe;
    }

    public static async Task AskWithoutSchemas(LlmClient client)
    {
        var request = new ChatRequest
        {
            System = $"Answer with JSON alone, by this schema: {ReplyFormat.Of<Recipe>().Schema}",
            Messages = [Message.User("Something with beetroot")],
            Format = ReplyFormat.Json,
        };
        TypedReply<Recipe> reply = await client.SendAsync<Recipe>(request);
        foreach (Quirk quirk in reply.Reply.Quirks)
            Console.Error.WriteLine(quirk);
    }

    public static async Task<Recipe?> AskAndSeeWhy(LlmClient client)
    {
        try
        {
            return (await client.SendAsync<Recipe>("Something with beetroot")).Value;
        }
        catch (LlmException e) when (e.Reply is { } reply)
        {
            Console.Error.WriteLine($"{e.Kind}, {reply.StopReason}: {e.Message}");
            return null;
        }
    }

    public static async Task<Recipe> AskOnceMore(LlmClient client, ChatRequest request)
    {
        try
        {
            return (await client.SendAsync<Recipe>(request)).Value;
        }
        catch (LlmException e) when (e is { Kind: LlmErrorKind.ReplyMismatch, Reply: { } reply })
        {
            request = request with { Messages = [.. request.Messages, reply.Message, Message.User($"{e.Message} Answer once more.")] };
            return (await client.SendAsync<Recipe>(request)).Value;
        }
    }

    public sealed class Log(TextWriter writer) : IStreamObserver
    {
        public ValueTask OnEventAsync(StreamEvent e, CancellationToken cancellationToken) =>
            e.Kind == StreamEventKind.Text ? new(writer.WriteAsync(e.ToString().AsMemory(), cancellationToken)) : default;

        public async ValueTask OnEndAsync(ChatReply reply, Exception? error) =>
            await writer.WriteLineAsync($" [{reply.StopReason}, {reply.Usage}, {error?.Message ?? "no error"}]");
    }

    public sealed class RoleKeys(Func<AwsSignature> current) : Credential
    {
        public override void Sign(WireRequest request) => current().Sign(request);
    }

    public sealed class RenewedToken(Func<string> current) : Credential
    {
        public override void Sign(WireRequest request) => request.SetHeader("Authorization", $"Bearer {current()}");
    }
}

public interface IForecasts
{
    Task<Forecast> ForAsync(string city, int days, CancellationToken cancellationToken);
}

public sealed partial class WeatherTools(IForecasts forecasts)
{
    [Tool("The weather in a city for the next days")]
    public async Task<Forecast> GetWeatherAsync(
        [Description("The city's name in English")] string city,
        [Description("At most 7")] int days = 1,
        CancellationToken cancellationToken = default) => await forecasts.ForAsync(city, days, cancellationToken);
}

public sealed record Forecast(string City, IReadOnlyList<double> Temperatures, Sky Sky, DateOnly? Until = null);

public enum Sky { Clear, Cloudy, Rain }

[JsonSchema("A recipe for four")]
public sealed partial record Recipe(string Title, [property: Description("All in all")] int Minutes, IReadOnlyList<Ingredient> Ingredients, Course Course, string? Note);

public sealed record Ingredient(string Name, double Amount, string? Unit);

public enum Course { Starter, Main, Dessert }
