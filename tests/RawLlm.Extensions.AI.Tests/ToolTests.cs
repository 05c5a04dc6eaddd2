using System.Text.Json;
using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI.Tests.Support;
using RawLlm.Tests.Support;

namespace RawLlm.Extensions.AI.Tests;

/// <summary>
/// Tools as functions of Microsoft.Extensions.AI, and functions as tools of a tool loop: what is sent, and what each side receives.
/// </summary>
public sealed class ToolTests
{
    private const string CitySchema = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""";
    private const string ChatAnswer =
        """{"id":"c2","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}""";
    private const string AnthropicCall =
        """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t1","name":"look","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}}""";
    private const string AnthropicAnswer =
        """{"id":"msg_2","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Yes."}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}""";

    private static readonly Tool Weather = Tool.Create(
        new ToolDefinition("weather", "The weather in a city", CitySchema),
        arguments => $"4 °C in {arguments.RequiredText("city")}"
    );

    private static string ChatCall(string name, string arguments) =>
        $$$"""
            {"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"{{{name}}}","arguments":{{{JsonSerializer.Serialize(
                arguments
            )}}}}}]},"finish_reason":"tool_calls"}]}
            """;

    private static Tool OfResult(object? result, JsonSerializerOptions? json = null) => new GivingFunction("look", result, json).AsTool();

    // Returns the result that is sent to the model.
    private static async Task<(string Content, ToolInvocation Invocation)> RunAsync(Tool tool, string arguments = "{}")
    {
        using var service = new TestService().Json(ChatCall(tool.Name, arguments)).Json(ChatAnswer);
        using var client = service.Client(Providers.OpenAI);
        var run = await new ToolLoop(client, [tool]).RunAsync("Hi");
        using var second = JsonDocument.Parse(service.Bodies[1]);
        return (second.RootElement.GetProperty("messages")[2].GetProperty("content").GetString()!, Assert.Single(run.Invocations));
    }

    [Fact]
    public async Task AsTool_OfFunction_RunsInToolLoop()
    {
        var weather = AIFunctionFactory.Create(
            (string city, int days = 1) => $"4 °C in {city} for {days}",
            "weather",
            "The weather in a city"
        );
        using var service = new TestService().Json(ChatCall("weather", """{"city":"Oslo","days":3}""")).Json(ChatAnswer);
        using var client = service.Client(Providers.OpenAI);

        var run = await new ToolLoop(client, [weather.AsTool()]).RunAsync("A coat?");

        Assert.Equal("Yes.", run.Text);
        const string Tools =
            """[{"type":"function","function":{"name":"weather","description":"The weather in a city","parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","default":1}},"required":["city"]}}}]""";
        JsonAssert.Equal($$"""{"model":"m","messages":[{"role":"user","content":"A coat?"}],"tools":{{Tools}} }""", service.Bodies[0]);
        JsonAssert.Equal(
            $$"""
            {"model":"m","messages":[{"role":"user","content":"A coat?"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\",\"days\":3}"} }]},
              {"role":"tool","tool_call_id":"a","content":"4 °C in Oslo for 3"}],
             "tools":{{Tools}} }
            """,
            service.Bodies[1]
        );
    }

    public static TheoryData<object?, string> Results =>
        new()
        {
            { "as it is", "as it is" },
            { JsonElement.Parse("\"a text\""), "a text" },
            { JsonElement.Parse("""{ "is_error": true, "content": [1] }"""), """{"is_error":true,"content":[1]}""" },
            { new TextContent("one"), "one" },
            { new AIContent[] { new TextContent("one "), new TextContent("two") }, "one two" },
            { 12.5, "12.5" },
            { null, "Done." },
        };

    [Theory]
    [MemberData(nameof(Results))]
    public async Task AsTool_ResultOfEachKind_IsSentAsTextOrJson(object? result, string expected)
    {
        var (content, invocation) = await RunAsync(OfResult(result));

        Assert.Equal((expected, false), (content, invocation.Result.IsError));
    }

    // What McpClientTool 2.3 returns if the server reports that the call failed.
    [Fact]
    public async Task AsTool_McpServerReportsError_ReturnsErrorResult()
    {
        using var service = new TestService().Json(AnthropicCall).Json(AnthropicAnswer);
        using var client = service.Client(Providers.Anthropic);
        const string Failed = """{"content":[{"type":"text","text":"An error occurred invoking 'look'."}],"isError":true}""";

        var run = await new ToolLoop(client, [OfResult(JsonElement.Parse(Failed))]).RunAsync(
            new ChatRequest { Messages = [Message.User("Look")], MaxTokens = 10 }
        );

        Assert.True(Assert.Single(run.Invocations).Result is { IsError: true, Text: Failed });
        Assert.Contains("\"is_error\":true", service.Bodies[1], StringComparison.Ordinal);
        foreach (
            string other in (string[])
                ["""{"content":[],"isError":false}""", """{"content":"all","isError":true}""", """{"isError":true}""", "[true]"]
        )
        {
            Assert.False((await RunAsync(OfResult(JsonElement.Parse(other)))).Invocation.Result.IsError);
        }
    }

    [Fact]
    public async Task AsTool_ResultOfCustomType_UsesSerializerOptionsOfFunction()
    {
        var json = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper };

        Assert.Equal("""{"CITY_NAME":"Oslo"}""", (await RunAsync(OfResult(new Place("Oslo"), json))).Content);
    }

    [Fact]
    public async Task AsTool_ResultOfUnknownType_FailsToolCall()
    {
        var known = new JsonSerializerOptions { TypeInfoResolver = AIJsonUtilities.DefaultOptions.TypeInfoResolverChain[0] };
        known.MakeReadOnly();

        var (content, invocation) = await RunAsync(OfResult((Func<int>)(() => 1), known));

        Assert.Equal("The tool failed.", content);
        Assert.Contains(
            "The result of the function 'look'",
            Assert.IsType<ArgumentException>(invocation.Error).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task AsTool_ResultHasImages_SendsThemAsParts()
    {
        using var service = new TestService().Json(AnthropicCall).Json(AnthropicAnswer);
        using var client = service.Client(Providers.Anthropic);
        var tool = OfResult(new List<AIContent> { new TextContent("A chart"), new DataContent(new byte[] { 1, 2, 3 }, "image/png") });

        await new ToolLoop(client, [tool]).RunAsync(new ChatRequest { Messages = [Message.User("Draw")], MaxTokens = 10 });

        Assert.Contains(
            """{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"A chart"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]}""",
            service.Bodies[1],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task AsTool_Invoked_PassesArgumentsServicesCallAndToken()
    {
        AIFunctionArguments? seen = null;
        CancellationToken token = default;
        var function = new GivingFunction("look", "ok")
        {
            Invoked = (arguments, cancellationToken) => (seen, token) = (arguments, cancellationToken),
        };
        var services = new NoServices();

        await RunAsync(function.AsTool(services), """{"city":"Oslo","at":null,"list":[1,2]}""");

        Assert.Same(services, seen!.Services);
        Assert.Equal(("Oslo", "[1,2]"), (((JsonElement)seen["city"]!).GetString(), ((JsonElement)seen["list"]!).GetRawText()));
        Assert.True(seen.ContainsKey("at") && seen["at"] is null);
        Assert.Equal("a", ((ToolCall)seen.Context![typeof(ToolCall)]!).Id);
        Assert.True(token.CanBeCanceled);
    }

    [Fact]
    public async Task AsTool_FunctionThrows_HidesExceptionFromModel()
    {
        var function = new GivingFunction("look", "ok") { Invoked = (_, _) => throw new InvalidTimeZoneException("secret") };

        var (content, invocation) = await RunAsync(function.AsTool());

        Assert.Equal(("The tool failed.", true), (content, invocation.Result.IsError));
        Assert.IsType<InvalidTimeZoneException>(invocation.Error);
    }

    [Fact]
    public async Task AsTool_ArgumentsAreNoObject_DoesNotRun()
    {
        var function = new GivingFunction("look", "ok") { Invoked = (_, _) => throw new InvalidOperationException() };

        var (content, invocation) = await RunAsync(function.AsTool(), "[1]");

        Assert.Equal("The arguments are not a JSON object.", content);
        Assert.IsType<ToolArgumentException>(invocation.Error);
    }

    [Fact]
    public void AsTool_OfStrictFunction_HasStrictSchema()
    {
        var function = AIFunctionFactory.Create(
            (string city, int days = 1) => city,
            new AIFunctionFactoryOptions
            {
                Name = "weather",
                AdditionalProperties = new Dictionary<string, object?> { ["strict"] = true },
            }
        );

        var definition = function.AsTool().Definition;

        Assert.True(definition.Strict);
        using var schema = JsonDocument.Parse(definition.Parameters.ToString());
        Assert.Equal("""["city","days"]""", schema.RootElement.GetProperty("required").GetRawText());
        Assert.False(schema.RootElement.GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public async Task AsTool_FunctionRequiresApproval_WaitsForApproval()
    {
        var tool = new OuterFunction(new ApprovalRequiredAIFunction(new GivingFunction("pay", "paid"))).AsTool();
        using var service = new TestService().Json(ChatCall("pay", "{}")).Json(ChatAnswer);
        using var client = service.Client(Providers.OpenAI);

        var run = await new ToolLoop(client, [tool]).RunAsync("Pay");

        Assert.True(tool.NeedsApproval);
        Assert.Equal("pay (a)", Assert.Single(run.Pending).ToString());
        Assert.Empty(run.Invocations);
        Assert.False(new GivingFunction("look", "ok").AsTool().NeedsApproval);

        run = await new ToolLoop(client, [tool], new ToolLoopOptions { Approve = (_, _) => new(ToolApproval.Allow) }).RunAsync(
            new ChatRequest { Messages = [Message.User("Pay"), .. run.Messages] }
        );

        Assert.Equal(("Yes.", "paid"), (run.Text, Assert.Single(run.Invocations).Result.Text));
    }

    [Fact]
    public async Task AsAIFunction_ToolNeedsApproval_RequiresApproval()
    {
        using var service = new TestService().Json(ChatAnswer);
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();
        var function = Assert.IsType<ApprovalRequiredAIFunction>(Weather.WithApproval().AsAIFunction());

        await chat.GetResponseAsync("A coat?", new ChatOptions { Tools = [function] });

        JsonAssert.Equal(
            $$"""{"model":"m","messages":[{"role":"user","content":"A coat?"}],"tools":[{"type":"function","function":{"name":"weather","description":"The weather in a city","parameters":{{CitySchema}} } }]}""",
            service.Bodies[0]
        );
        Assert.Equal("4 °C in Oslo", await function.InvokeAsync(new() { ["city"] = "Oslo" }));
        Assert.True(function.AsTool() is { NeedsApproval: true, Name: "weather" });
        Assert.IsNotType<ApprovalRequiredAIFunction>(Weather.AsAIFunction());
    }

    [Fact]
    public async Task AsAIFunction_OfTool_IsSentAndInvokedAsFunction()
    {
        using var service = new TestService().Json(ChatCall("weather", """{"city":"Oslo"}""")).Json(ChatAnswer);
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();
        var function = Weather.AsAIFunction();
        var options = new ChatOptions { Tools = [function] };
        List<ChatMessage> messages = [new(ChatRole.User, "A coat?")];

        var response = await chat.GetResponseAsync(messages, options);
        messages.AddMessages(response);
        var call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, await function.InvokeAsync(new(call.Arguments)))]));
        await chat.GetResponseAsync(messages, options);

        JsonAssert.Equal(
            $$"""
            {"model":"m","messages":[{"role":"user","content":"A coat?"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"} }]},
              {"role":"tool","tool_call_id":"a","content":"4 °C in Oslo"}],
             "tools":[{"type":"function","function":{"name":"weather","description":"The weather in a city","parameters":{{CitySchema}} } }]}
            """,
            service.Bodies[1]
        );
    }

    [Fact]
    public void AsAIFunction_OfTool_HasNameDescriptionAndSchema()
    {
        var function = new Tool(
            new ToolDefinition("pay", "Pays", CitySchema) { Strict = true },
            (_, _) => new(ToolOutput.Of("ok"))
        ).AsAIFunction();
        var bare = Tool.Create(new ToolDefinition("clock"), _ => "12").AsAIFunction();

        Assert.Equal(
            ("pay", "Pays", CitySchema, true),
            (function.Name, function.Description, function.JsonSchema.GetRawText(), function.AdditionalProperties["strict"])
        );
        Assert.Equal(
            ("", """{"type":"object","properties":{}}""", 0),
            (bare.Description, bare.JsonSchema.GetRawText(), bare.AdditionalProperties.Count)
        );
        Assert.Equal(function.GetService<Tool>()!.Definition, function.GetService<ToolDefinition>());
        Assert.Same(function, function.GetService<AIFunction>());
        Assert.Null(function.GetService<Tool>("a key"));
    }

    [Fact]
    public async Task AsAIFunction_ArgumentsOfAnyKind_ArePassedAsJson()
    {
        string? seen = null;
        var function = new Tool(new ToolDefinition("look"), (call, _) => new(ToolOutput.Of(seen = call.Arguments))).AsAIFunction();

        await function.InvokeAsync(
            new()
            {
                ["city"] = "Oslo",
                ["days"] = 3,
                ["at"] = null,
                ["list"] = JsonElement.Parse("[1, 2]"),
            }
        );
        Assert.Equal("""{"city":"Oslo","days":3,"at":null,"list":[1,2]}""", seen);
        await function.InvokeAsync();
        Assert.Equal("{}", seen);
    }

    [Fact]
    public async Task AsAIFunction_OutputHasImage_ReturnsContentsThatAreSentBack()
    {
        ImagePart picture = new(new byte[] { 1, 2, 3 }, "image/png");
        var function = new Tool(
            new ToolDefinition("look"),
            (_, _) => new(new ToolOutput([new TextPart("A chart"), picture]))
        ).AsAIFunction();
        using var service = new TestService().Json(AnthropicAnswer);
        using var client = service.Client(Providers.Anthropic);
        using var chat = client.AsChatClient();

        object? result = await function.InvokeAsync();

        var contents = Assert.IsType<List<AIContent>>(result);
        Assert.Equal(
            ("A chart", "image/png"),
            (Assert.IsType<TextContent>(contents[0]).Text, Assert.IsType<DataContent>(contents[1]).MediaType)
        );
        await chat.GetResponseAsync(
            [
                new(ChatRole.User, "Draw"),
                new(ChatRole.Assistant, [new FunctionCallContent("t1", "look")]),
                new(ChatRole.Tool, [new FunctionResultContent("t1", result)]),
            ],
            new ChatOptions { Tools = [function] }
        );
        Assert.Contains(
            """{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"A chart"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]}""",
            service.Bodies[0],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task AsAIFunction_ToolFails_ReturnsErrorsForModelAndThrowsOthers()
    {
        Assert.Contains("\"city\"", Assert.IsType<string>(await Weather.AsAIFunction().InvokeAsync()), StringComparison.Ordinal);
        Assert.Equal(
            "Closed.",
            await new Tool(new ToolDefinition("look"), (_, _) => new(ToolOutput.Error("Closed."))).AsAIFunction().InvokeAsync()
        );
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () =>
            await new Tool(new ToolDefinition("look"), (_, _) => throw new InvalidTimeZoneException()).AsAIFunction().InvokeAsync()
        );
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Tool.Create(new ToolDefinition("look"), (_, token) => Task.FromCanceled<string>(token))
                .AsAIFunction()
                .InvokeAsync(cancellationToken: cancelled.Token)
        );
    }

    [Fact]
    public async Task AsTool_OfConvertedTool_ReturnsToolAndWrapperKeepsCallId()
    {
        string? id = null;
        var tool = new Tool(
            new ToolDefinition("look", Parameters: CitySchema) { Cache = PromptCache.OneHour },
            (call, _) => new(ToolOutput.Of(id = call.Id))
        );
        var function = tool.AsAIFunction();

        Assert.Same(tool, function.AsTool());
        var around = new OuterFunction(function).AsTool();
        Assert.NotSame(tool, around);
        Assert.Equal(tool.Definition, around.Definition);
        await RunAsync(around);
        Assert.Equal("a", id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AsTool_OfFunctionAroundTool_ReportsErrorsOfTool(bool isException)
    {
        var tool = new Tool(
            new ToolDefinition("look", Parameters: CitySchema),
            (call, _) => isException ? throw new ToolArgumentException("No such city.") : new(ToolOutput.Error("No such city."))
        );
        var around = new OuterFunction(tool.AsAIFunction()).AsTool();

        var invocation = await ToolSet.Create(around).InvokeAsync(new ToolCall("a", "look", """{"city":"x"}"""));

        Assert.True(invocation.Result.IsError);
        Assert.Contains("No such city.", invocation.Result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AsTool_OfFunctionThatRenamesTool_HasOuterName()
    {
        using var service = new TestService().Json(ChatAnswer);
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();
        var renamed = new RenamedFunction(Weather.AsAIFunction());

        await chat.GetResponseAsync("A coat?", new ChatOptions { Tools = [renamed] });

        Assert.Equal("crm_weather", renamed.AsTool().Name);
        Assert.Contains("\"name\":\"crm_weather\"", service.Bodies[0], StringComparison.Ordinal);
        Assert.Equal(
            "4 °C in Oslo",
            (await ToolSet.Create(renamed.AsTool()).InvokeAsync(new ToolCall("a", "crm_weather", """{"city":"Oslo"}"""))).Result.Text
        );
    }

    private sealed record Place(string CityName);

    private sealed class RenamedFunction(AIFunction inner) : DelegatingAIFunction(inner)
    {
        public override string Name => "crm_" + base.Name;
    }

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }

    private sealed class OuterFunction(AIFunction inner) : DelegatingAIFunction(inner);

    /// <summary>Returns the result object itself; functions created by the factory return JSON.</summary>
    private sealed class GivingFunction(string name, object? result, JsonSerializerOptions? json = null) : AIFunction
    {
        public Action<AIFunctionArguments, CancellationToken>? Invoked { get; init; }

        public override string Name => name;

        public override JsonSerializerOptions JsonSerializerOptions => json ?? base.JsonSerializerOptions;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            Invoked?.Invoke(arguments, cancellationToken);
            return new(result);
        }
    }
}
