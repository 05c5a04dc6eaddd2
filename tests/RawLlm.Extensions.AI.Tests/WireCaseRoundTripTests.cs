using System.Text;
using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI.Tests.Support;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Extensions.AI.Tests;

/// <summary>
/// Every answer of the core's wire cases makes a round trip through the adapter, whole and streamed, as objects and stored as JSON; the
/// result equals the core's own message.
/// </summary>
public sealed class WireCaseRoundTripTests
{
    // Contents are yielded in the order they arrive and are sent back in that order. These cases differ: two texts whose pieces alternate
    // (only MiniMax sends these, and twice); a call with its index before a text and its name after it; the second of several answers
    // arriving first; text after audio, which is complete only at the end.
    private static readonly string[] Disordered =
    [
        "responses/two-items-under-one-number-with-varying-ids",
        "chat-completions/fragments-of-a-call-without-a-name-beside-text",
        "chat-completions/members-in-another-order",
        "gemini/sound-in-pieces",
        "chat-completions/thoughts-of-minimax-said-twice",
        "chat-completions/content-blocks-of-words-alone",
    ];

    public static TheoryData<string> Cases
    {
        get
        {
            var cases = new TheoryData<string>();
            string root = Path.Combine(Folders.Repository, "tests", "RawLlm.Tests", "Wire");
            foreach (
                string folder in Directory
                    .EnumerateDirectories(root)
                    .SelectMany(Directory.EnumerateDirectories)
                    .Order(StringComparer.Ordinal)
            )
            {
                string name = Path.GetRelativePath(root, folder).Replace('\\', '/');
                if (!Disordered.Contains(name) && !Directory.EnumerateFiles(folder, "error-*").Any())
                    cases.Add(name);
            }
            return cases;
        }
    }

    [Fact]
    public void Cases_OfAllWires_AreFound() => Assert.True(Cases.Count > 500);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Answer_RoundTripThroughAdapter_IsSameMessage(string name)
    {
        string folder = Path.Combine(Folders.Repository, "tests", "RawLlm.Tests", "Wire", name);
        string file = Directory.EnumerateFiles(folder).Single(file => !file.EndsWith("events.txt", StringComparison.Ordinal));
        byte[] body = WireCaseBody.Read(file);
        bool isStream = Path.GetFileName(file).StartsWith("stream", StringComparison.Ordinal);
        string type = !isStream
            ? "application/json"
            : Path.GetExtension(file) switch
            {
                ".sse" => "text/event-stream",
                ".ndjson" => "application/x-ndjson",
                ".frames" => "application/vnd.amazon.eventstream",
                _ => "application/json",
            };
        var provider = new Provider(
            "test",
            new Uri("https://api.example.com/"),
            WireProtocols.Get(name.Split('/')[0]),
            Credential.Bearer("k")
        );
        using var service = new TestService().Of(body, type).Of(body, type);
        using var client = service.Client(provider, "anthropic.m");
        using var adapter = client.AsChatClient();
        ChatRequest ask = "Hi";
        ChatReply expected;
        try
        {
            expected = isStream ? await (await client.StreamAsync(ask)).ReplyAsync() : await client.SendAsync(ask);
        }
        catch (LlmException failure)
        {
            // What fails in the core fails here with the same error, even if something was already yielded.
            var thrown = await Assert.ThrowsAsync<LlmException>(() => AnswerAsync(adapter, isStream));
            Assert.Equal(failure.Kind, thrown.Kind);
            return;
        }

        var response = await AnswerAsync(adapter, isStream);

        var message = Assert.Single(response.Messages);
        AssertSame(expected.Message, Read(message));
        AssertSame(expected.Message, Read(Stored.AsJson(message)));
        Assert.Equal(expected.Id ?? "", response.ResponseId ?? "");
        Assert.Equal(expected.Model ?? "anthropic.m", response.ModelId);
        Assert.Equal(expected.Usage is null, response.Usage is null);
        Assert.Equal(expected.Text, response.Text);
        Assert.Equal(
            expected
                .CompletedToolCalls.Where(call => call.ReadArguments().Quirk is not { Kind: QuirkKind.ToolArgumentsUnreadable })
                .Select(call => call.Id)
                .Order(),
            message.Contents.OfType<FunctionCallContent>().Where(call => !call.InformationalOnly).Select(call => call.CallId).Order()
        );
        Assert.Null(response.ConversationId);
    }

    private static async Task<ChatResponse> AnswerAsync(IChatClient adapter, bool isStream) =>
        isStream
            ? await adapter.GetStreamingResponseAsync([new(ChatRole.User, "Hi")]).ToChatResponseAsync()
            : await adapter.GetResponseAsync([new(ChatRole.User, "Hi")]);

    private static Message? Read(ChatMessage message)
    {
        var notes = new List<Quirk>();
        // One result for each call, so that calls that were cut off are sent as well.
        var results = new ChatMessage(
            ChatRole.Tool,
            [.. message.Contents.OfType<FunctionCallContent>().Select(call => new FunctionResultContent(call.CallId, "ok"))]
        );
        var read = MessageReader.Read([message, results], AIJsonUtilities.DefaultOptions, notes);
        Assert.Empty(notes);
        return read[0].Role == Role.Assistant ? read[0] : null;
    }

    private static void AssertSame(Message expected, Message? actual)
    {
        var wanted = expected.Parts.Select(Text).ToList();
        Assert.Equal(string.Join("\n", wanted), string.Join("\n", (actual?.Parts ?? []).Select(Text)));
    }

    private static string Text(Part part) => Encoding.UTF8.GetString(Conversation.Write([new Message(Role.Assistant, [part])]));
}
