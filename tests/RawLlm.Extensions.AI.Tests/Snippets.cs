using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI.Tests;

/// <summary>The code of docs/extensions-ai.md, compiled; the README's test compares the two.</summary>
internal static class Snippets
{
    public static async Task Ask()
    {
        using var client = new LlmClient(Providers.Anthropic, "claude-sonnet-4-5");
        using IChatClient chat = client.AsChatClient();
        ChatResponse response = await chat.GetResponseAsync("Why is the sky blue?");
        Console.WriteLine(response.Text);
    }

    public static async Task<List<ChatMessage>> Loop(IChatClient chat)
    {
        AIFunction weather = AIFunctionFactory.Create((string city) => $"4 °C in {city}", "weather", "The weather in a city");
        List<ChatMessage> messages = [new(ChatRole.User, "Do I need a coat in Oslo?")];
        var options = new ChatOptions { Tools = [weather], Reasoning = new() { Effort = ReasoningEffort.Medium } };
        while (true)
        {
            var updates = new List<ChatResponseUpdate>();
            await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(messages, options))
            {
                updates.Add(update);
                Console.Write(update.Text);
            }
            messages.AddMessages(updates);
            var calls = updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Where(call => !call.InformationalOnly).ToList();
            if (calls.Count == 0)
                break;
            foreach (FunctionCallContent call in calls)
                messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, await weather.InvokeAsync(new(call.Arguments)))]));
        }
        return messages;
    }

    public static ChatOptions Options()
    {
        var options = new ChatOptions
        {
            MaxOutputTokens = 4000,
            AdditionalProperties = new() { ["service_tier"] = "flex", ["metadata"] = (RawJson)"""{"team":"search"}""", ["strict"] = true },
            RawRepresentationFactory = _ => new ChatRequest { Thinking = Thinking.Budget(2000), Headers = new Dictionary<string, string> { ["anthropic-beta"] = "context-1m-2025-08-07" } },
        };
        return options;
    }

    public static ChatOptions Functions(ToolSet tools)
    {
        var options = new ChatOptions { Tools = [.. tools.Select(tool => tool.AsAIFunction())] };
        return options;
    }

    public static async Task<ToolRun> Tools(LlmClient client, IEnumerable<AIFunction> mcpTools)
    {
        ToolSet tools = [.. mcpTools.Select(function => function.AsTool())];
        var loop = new ToolLoop(client, tools, new ToolLoopOptions { MaxTurns = 8, CallTimeout = TimeSpan.FromSeconds(30) });
        ToolRun run = await loop.RunAsync("Which of my issues are open?");
        return run;
    }
}
