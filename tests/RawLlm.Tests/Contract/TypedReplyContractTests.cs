using System.Net;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Readme;
using RawLlm.Tests.Support;
using RawLlm.Tests.Tools;
using RawLlm.Tests.Wire;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Contract;

/// <summary>Answers that follow a generated schema, including the requests on the wire.</summary>
public sealed class TypedReplyContractTests
{
    private const string Schema = """
        {"type":"object","description":"A recipe for four","properties":{"title":{"type":"string"},"minutes":{"type":"integer","description":"All in all"},"ingredients":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"amount":{"type":"number"},"unit":{"type":["string","null"]}},"required":["name","amount","unit"],"additionalProperties":false}},"course":{"type":"string","enum":["Starter","Main","Dessert"]},"note":{"type":["string","null"]}},"required":["title","minutes","ingredients","course","note"],"additionalProperties":false}
        """;

    private const string Borscht =
        """{"title":"Borscht","minutes":90,"ingredients":[{"name":"beetroot","amount":0.5,"unit":"kg"},{"name":"egg","amount":4,"unit":null}],"course":"Main","note":null}""";

    [Fact]
    public async Task Send_ChatCompletions_RequestAndValueMatch()
    {
        using var service = MockService.Json(Say.Text(Borscht));
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        var reply = await client.SendAsync<Recipe>("Something with beetroot");

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            $$$"""
            {"model":"gpt-4o-mini","messages":[{"role":"user","content":"Something with beetroot"}],
             "response_format":{"type":"json_schema","json_schema":{"strict":true,"name":"Recipe","schema":{{{Schema}}} } } }
            """
        );
        Assert.Equal(("Borscht", 90, Course.Main, null), (reply.Value.Title, reply.Value.Minutes, reply.Value.Course, reply.Value.Note));
        Assert.Equal([new Ingredient("beetroot", 0.5, "kg"), new Ingredient("egg", 4, null)], reply.Value.Ingredients);
        Assert.Equal((Borscht, 15L), (reply.Reply.Text, reply.Reply.Usage!.TotalTokens));
        Assert.Empty(reply.Reply.Quirks);
    }

    [Fact]
    public async Task Send_AnthropicMessages_RequestAndValueMatch()
    {
        using var service = MockService.Json(
            Answers.Whole(new AnthropicProtocol()).Replace("\"Blue.\"", JsonSerializer.Serialize(Borscht), StringComparison.Ordinal)
        );
        using var client = service.Client(Providers.Anthropic, "claude-opus-4-5");

        var reply = await client.SendAsync<Recipe>(ChatRequest.Ask("Something with beetroot") with { MaxTokens = 500 });

        JsonAssert.Equal(
            $$$"""
            {"model":"claude-opus-4-5","max_tokens":500,"messages":[{"role":"user","content":"Something with beetroot"}],
             "output_config":{"format":{"type":"json_schema","schema":{{{Schema}}} } } }
            """,
            service.Body
        );
        Assert.Equal("Borscht", reply.Value.Title);
    }

    [Fact]
    public async Task Stream_ReadAsValue_ReturnsValue()
    {
        using var model = ScriptedModel.Sse(Say.StreamedText(Borscht[..20], Borscht[20..]));
        using var client = model.Client();

        Assert.Equal("Borscht", (await Snippets.ReadAValue(client)).Title);
        Assert.Contains("\"strict\":true", model.Bodies.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat-completions", "response_format.json_schema.schema")]
    [InlineData("responses", "text.format.schema")]
    [InlineData("anthropic", "output_config.format.schema")]
    [InlineData("bedrock-invoke", "output_config.format.schema")]
    [InlineData("gemini", "generationConfig.responseJsonSchema")]
    [InlineData("ollama", "format")]
    [InlineData("converse", "outputConfig.textFormat.structure.jsonSchema.schema")]
    public void Schema_EveryWire_IsSentUnchanged(string wire, string path)
    {
        foreach (bool stream in (bool[])[false, true])
        {
            var written = WrittenRequest.Of(
                WireProtocols.Get(wire),
                ChatRequest.Ask("x") with
                {
                    Model = "m",
                    MaxTokens = 100,
                    Format = ReplyFormat.Of<Recipe>(),
                },
                stream
            );

            using var body = JsonDocument.Parse(written.Body);
            var at = body.RootElement;
            foreach (string name in path.Split('.'))
                at = at.GetProperty(name);
            JsonAssert.Equal(Schema, at.ValueKind == JsonValueKind.String ? at.GetString()! : at.GetRawText());
            Assert.Empty(written.Quirks);
        }
    }

    [Fact]
    public void Schema_OlderGeminiFormat_KeepsConstraints()
    {
        var written = WrittenRequest.Of(
            new GeminiProtocol { SupportsJsonSchema = false },
            ChatRequest.Ask("x") with
            {
                Model = "m",
                Format = ReplyFormat.Of<Recipe>(),
            }
        );

        using var body = JsonDocument.Parse(written.Body);
        var schema = body.RootElement.GetProperty("generationConfig").GetProperty("responseSchema");
        Assert.Equal(
            ["title", "minutes", "ingredients", "course", "note"],
            schema.GetProperty("required").EnumerateArray().Select(name => name.GetString())
        );
        Assert.True(schema.GetProperty("properties").GetProperty("note").GetProperty("nullable").GetBoolean());
        Assert.Equal("A recipe for four", schema.GetProperty("description").GetString());
    }

    [Fact]
    public async Task Send_SchemaNotSupportedWithJsonFormat_ReadsFencedJson()
    {
        using var model = ScriptedModel.Json(Say.Text($"```json\n{Borscht}\n```"));
        using var client = model.Client(Providers.OpenAI with { Protocol = new ChatCompletionsProtocol { SupportsJsonSchema = false } });

        await Snippets.AskWithoutSchemas(client);

        Assert.Contains("\"response_format\":{\"type\":\"json_object\"}", model.Bodies.Single(), StringComparison.Ordinal);
        Assert.Contains("additionalProperties", model.Bodies.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_SchemaNotSupported_ErrorSuggestsPromptDescription()
    {
        using var model = ScriptedModel.Json(Say.Text("Borscht."));
        using var client = model.Client(Providers.OpenAI with { Protocol = new ChatCompletionsProtocol { SupportsJsonSchema = false } });

        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync<Recipe>("Something with beetroot"));

        Assert.Equal(
            "The answer does not fit its schema. It is not JSON (line 1, byte 1). The service accepts no schema on this wire: describe the expected JSON in the prompt.",
            e.Message
        );
    }

    [Theory]
    [InlineData("length", LlmErrorKind.ReplyUnfinished, "MaxTokens")]
    [InlineData("content_filter", LlmErrorKind.ReplyUnfinished, "withheld")]
    [InlineData("stop", LlmErrorKind.ReplyMismatch, "not JSON")]
    public async Task Send_AnswerWithoutValue_ThrowsErrorWithReply(string finish, LlmErrorKind kind, string words)
    {
        using var model = ScriptedModel.Json(Say.Text("{\"title\":\"Bor", finish));
        using var client = model.Client();

        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync<Recipe>("Something with beetroot"));

        Assert.Equal(
            (kind, "openai", "m", "{\"title\":\"Bor", 15L, false),
            (e.Kind, e.Provider, e.Model, e.Reply!.Text, e.Usage!.TotalTokens, e.IsRetryable)
        );
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Bor", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_ReplyMismatch_ContainsModelAndRequestId()
    {
        var reply = new ChatReply(
            "id",
            "gpt-4o-mini-2024-07-18",
            [new ChatChoice(0, Message.Assistant("x"), StopReason.EndTurn, "stop")],
            null
        )
        {
            RequestId = "r7",
        };
        var read = Assert.Throws<LlmException>(() => reply.Read<Recipe>());
        Assert.Equal(("gpt-4o-mini-2024-07-18", "r7"), (read.Model, read.RequestId));

        using var service = MockService.Json(Say.Text("x"));
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");
        Assert.Equal(
            "gpt-4o-mini",
            (await Assert.ThrowsAsync<LlmException>(() => client.SendAsync<Recipe>("Something with beetroot"))).Model
        );
    }

    [Fact]
    public async Task Send_ConvertedValueInStrictMode_ThrowsReplyMismatch()
    {
        using var model = ScriptedModel.Json(
            Say.Text(Borscht.Replace("90", "\"90\"", StringComparison.Ordinal)),
            Say.Text(Borscht.Replace("90", "\"90\"", StringComparison.Ordinal))
        );
        using var tolerant = model.Client();
        Assert.Equal(
            ["ReplyValueConverted at minutes"],
            (await tolerant.SendAsync<Recipe>("x")).Reply.Quirks.Select(quirk => quirk.ToString())
        );
        using var service = MockService.Json(Say.Text(Borscht.Replace("90", "\"90\"", StringComparison.Ordinal)));
        using var strict = new LlmClient(
            Providers.OpenAI with
            {
                Credential = Credential.Bearer("test-key"),
            },
            "m",
            new LlmClientOptions { Strict = true },
            service.Http
        );

        Assert.Equal(LlmErrorKind.ReplyMismatch, (await Assert.ThrowsAsync<LlmException>(() => strict.SendAsync<Recipe>("x"))).Kind);
    }

    [Fact]
    public async Task Send_FallbackChain_ReadsValueAndDoesNotFallBackOnMismatch()
    {
        using var busy = new ScriptedModel(
            "application/json",
            (HttpStatusCode.ServiceUnavailable, """{"error":{"message":"x","code":"overloaded_error"}}""")
        );
        using var model = ScriptedModel.Json(Say.Text(Borscht), Say.Text("{}"));
        using var unasked = ScriptedModel.Json();
        using var first = busy.Client();
        using var second = model.Client();
        using var third = unasked.Client();

        var reply = await new FallbackChain([first, second]).SendAsync<Recipe>("x");
        var e = await Assert.ThrowsAsync<LlmException>(() => new FallbackChain([second, third]).SendAsync<Recipe>("x"));

        Assert.Equal(("Borscht", 1), (reply.Value.Title, reply.Reply.Attempts.Count));
        Assert.Equal(LlmErrorKind.ReplyMismatch, e.Kind);
        Assert.Equal("The answer does not fit its schema. \"title\" must be a string, but it is missing.", e.Message);
        Assert.All(model.Bodies, body => Assert.Contains("\"json_schema\"", body, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("chat-completions")]
    [InlineData("responses")]
    [InlineData("anthropic")]
    [InlineData("bedrock-invoke")]
    [InlineData("gemini")]
    [InlineData("ollama")]
    [InlineData("converse")]
    public async Task Send_EveryWire_ReturnsValue(string wire)
    {
        var protocol = WireProtocols.Get(wire);
        using var service = MockService.Json(
            Answers.Whole(protocol).Replace("\"Blue.\"", JsonSerializer.Serialize(Borscht), StringComparison.Ordinal)
        );
        using var client = service.Client(new Provider("mine", new("https://llm.example.org/v1/"), protocol, Credential.None), "m");

        var reply = await client.SendAsync<Recipe>("Something with beetroot");

        Assert.Equal((Course.Main, "mine"), (reply.Value.Course, reply.Reply.Provider));
        Assert.Empty(reply.Reply.Quirks);
    }

    [Fact]
    public async Task Send_RequestIdContainsKeyOfClient_ErrorDoesNotShowKey()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect("*")
            .Respond(_ => new HttpResponseMessage
            {
                Headers = { { "x-request-id", "id-test-key" } },
                Content = new StringContent(Say.Text("{}"), null, "application/json"),
            });
        using var client = new LlmClient(
            Providers.OpenAI with
            {
                Credential = Credential.Bearer("test-key"),
            },
            "m",
            null,
            http.ToHttpClient()
        );

        var e = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync<Recipe>("x"));

        Assert.NotNull(e.RequestId);
        Assert.Equal("id-test-key", e.Reply!.RequestId);
        Assert.DoesNotContain("test-key", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_RequestIdContainsKeyOfRequest_ErrorDoesNotShowKey()
    {
        using var http = new MockHttpMessageHandler();
        http.Expect("*")
            .Respond(_ => new HttpResponseMessage
            {
                Headers = { { "x-request-id", "id-tenant-key" } },
                Content = new StringContent(Say.Text("{}"), null, "application/json"),
            });
        using var client = new LlmClient(
            Providers.OpenAI with
            {
                Credential = Credential.Bearer("test-key"),
            },
            "m",
            null,
            http.ToHttpClient()
        );

        var e = await Assert.ThrowsAsync<LlmException>(() =>
            client.SendAsync<Recipe>(ChatRequest.Ask("x") with { Credential = Credential.Bearer("tenant-key") })
        );

        Assert.NotNull(e.RequestId);
        Assert.DoesNotContain("tenant-key", e.ToString(), StringComparison.Ordinal);
    }
}
