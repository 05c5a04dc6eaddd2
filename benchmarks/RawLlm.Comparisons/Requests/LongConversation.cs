using System.Globalization;
using System.Text;
using System.Text.Json;
using OpenAI.Chat;
using RawLlm.Traffic;

namespace RawLlm.Comparisons.Requests;

/// <summary>An agent's conversation, with the same text as the library's messages and as the OpenAI package's.</summary>
internal sealed class LongConversation
{
    public const string Model = "gpt-4o-mini";

    private static readonly string[] Words =
    [
        "the",
        "of",
        "and",
        "to",
        "a",
        "in",
        "stream",
        "value",
        "number",
        "question",
        "answer",
        "function",
        "returns",
        "because",
        "small",
        "\"quoted\"",
        "first\nsecond",
        "naïve",
        "C:\\data",
        "tab\tstop",
        "50 %",
        "it's",
        "<b>",
        "日本",
    ];

    public LongConversation(int messages, int tools)
    {
        var random = new SplitMix64(0xC0);
        Messages = [.. Build(messages, ref random)];
        Tools = [.. Enumerable.Range(0, tools).Select(Tool)];
        SdkMessages = [.. Messages.Select(ToSdk)];
        foreach (var tool in Tools)
        {
            SdkOptions.Tools.Add(
                ChatTool.CreateFunctionTool(tool.Name, tool.Description, BinaryData.FromBytes(tool.Parameters.Utf8.ToArray()))
            );
        }
    }

    public IReadOnlyList<Message> Messages { get; }

    public IReadOnlyList<ToolDefinition> Tools { get; }

    public IReadOnlyList<ChatMessage> SdkMessages { get; }

    public ChatCompletionOptions SdkOptions { get; } = new();

    public ChatRequest Request =>
        new()
        {
            Model = Model,
            Messages = Messages,
            Tools = Tools,
        };

    /// <summary>Requests that each have one message more than the previous one; the added messages are new objects each time.</summary>
    public List<ChatRequest> Grow(int count)
    {
        var random = new SplitMix64(0x960);
        var requests = new List<ChatRequest>(count);
        var request = Request;
        for (int i = 0; i < count; i++)
        {
            string text = Text(ref random, 120);
            request = request with { Messages = [.. request.Messages, i % 2 == 0 ? Message.User(text) : Message.Assistant(text)] };
            requests.Add(request);
        }
        return requests;
    }

    /// <summary>All text of the messages, for the floor that only converts the encoding.</summary>
    public List<string> Strings() =>
        [
            .. Messages
                .SelectMany(message => message.Parts)
                .Select(part =>
                    part switch
                    {
                        TextPart text => text.Text,
                        ToolCallPart call => call.Call.Arguments,
                        ToolResultPart result => result.Text,
                        _ => "",
                    }
                ),
        ];

    private static List<Message> Build(int count, ref SplitMix64 random)
    {
        var messages = new List<Message> { Message.System(Text(ref random, 300)) };
        for (int i = 0; messages.Count < count; i++)
        {
            string id = "call_" + i.ToString("x8", CultureInfo.InvariantCulture);
            string arguments = $$"""{"path":{{JsonSerializer.Serialize(Text(ref random, 8), TextContext.Default.String)}},"from":{{i}}}""";
            var call = new ToolCall(id, "tool_" + (i % 20), arguments);
            messages.Add(Message.User(Text(ref random, 90)));
            messages.Add(new Message(Role.Assistant, [new ToolCallPart(call)]));
            messages.Add(Message.ToolResult(call, Text(ref random, 300)));
            messages.Add(Message.Assistant(Text(ref random, 150)));
        }
        return messages[..count];
    }

    private static ToolDefinition Tool(int i)
    {
        var properties = new StringBuilder();
        for (int n = 0; n < 4; n++)
        {
            properties.Append(
                CultureInfo.InvariantCulture,
                $$"""{{(n > 0 ? "," : "")}}"member_{{n}}":{"type":"string","description":"What the function needs to know in place {{n}}, as text."}"""
            );
        }

        return new ToolDefinition(
            $"tool_{i}",
            $"The function number {i}, which looks up what the conversation needs.",
            RawJson.Parse($$"""{"type":"object","properties":{{{properties}}},"required":["member_0"]}""")
        );
    }

    private static string Text(ref SplitMix64 random, int words)
    {
        var text = new StringBuilder();
        for (int i = 0; i < words; i++)
            text.Append(i > 0 ? " " : "").Append(random.Pick<string>(Words));
        return text.ToString();
    }

    private static ChatMessage ToSdk(Message message) =>
        message.Parts[0] switch
        {
            ToolCallPart call => new AssistantChatMessage([
                ChatToolCall.CreateFunctionToolCall(call.Call.Id, call.Call.Name, BinaryData.FromString(call.Call.Arguments)),
            ]),
            ToolResultPart result => new ToolChatMessage(result.CallId, result.Text),
            TextPart text when message.Role == Role.System => new SystemChatMessage(text.Text),
            TextPart text when message.Role == Role.User => new UserChatMessage(text.Text),
            TextPart text => new AssistantChatMessage(text.Text),
            _ => throw new InvalidOperationException("The conversation has no such part."),
        };
}
