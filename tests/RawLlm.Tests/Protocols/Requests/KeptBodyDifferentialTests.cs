using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Protocols.Requests;

/// <summary>
/// Requests written with kept bytes, compared with the same requests written from scratch: the same bytes, the same quirks, the same
/// refusals, over conversations that grow, branch, are edited, share their messages, and whose lists change behind the client's back.
/// </summary>
/// <remarks><c>RAWLLM_KEPT_CASES</c> sets the number of clients, <c>RAWLLM_KEPT_SEED</c> the first seed.</remarks>
public sealed class KeptBodyDifferentialTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, RawJson> Stored = new() { ["store"] = "true" };

    private static readonly WireProtocol[] Dialects =
    [
        new ChatCompletionsProtocol(),
        new ChatCompletionsProtocol
        {
            SendsToolResultName = true,
            ToolCallIdLength = 9,
            SupportsMessageNames = false,
            SupportsStrict = false,
        },
        new ChatCompletionsProtocol { ReasoningName = "reasoning_content", ReturnsReasoningInToolTurnsOnly = true },
        Providers.Mistral.Protocol,
        Providers.DeepSeek.Protocol,
        Providers.Moonshot.Protocol,
        Providers.OpenRouter.Protocol,
        Providers.Cloudflare.Protocol,
        Providers.Vllm.Protocol,
        Providers.Perplexity.Protocol,
        new ChatCompletionsProtocol
        {
            SupportsLaterSystemMessages = false,
            AcceptsRepeatedRoles = false,
            AcceptsEmptyAnswers = false,
            SupportsMessageNames = false,
        },
        Providers.GeminiCompatible.Protocol,
        new ResponsesProtocol(),
        new ResponsesProtocol { Store = false },
        new AnthropicProtocol(),
        new AnthropicProtocol { ReturnsUnsignedThinking = true, SupportsCacheMarks = false },
        new AnthropicProtocol { SupportsLaterSystemMessages = true },
        new BedrockInvokeProtocol(),
        new ConverseProtocol(),
        new GeminiProtocol(),
        new OllamaProtocol(),
    ];

    [Fact]
    public void Write_WithKeptBytes_MatchesWriteWithoutThem()
    {
        int cases = (int)LongRun.Count("RAWLLM_KEPT_CASES", usual: 1500, atLength: 100_000);
        int seed = Number("RAWLLM_KEPT_SEED", 1);
        long copied = 0;
        long all = 0;
        var copiedBy = new long[Dialects.Length];
        for (int i = 0; i < cases; i++)
        {
            var (more, total) = Run((ulong)(uint)(seed + i), Dialects[i % Dialects.Length]);
            copied += more;
            all += total;
            copiedBy[i % Dialects.Length] += more;
        }

        output.WriteLine($"{cases} clients from seed {seed}: {copied} of {all} bytes copied");
        // Otherwise nothing was tested.
        Assert.All(copiedBy, bytes => Assert.True(bytes > 0));
        Assert.True(copied > all / 10, $"{copied} of {all} bytes copied.");
    }

    private static (long Copied, long All) Run(ulong seed, WireProtocol protocol)
    {
        var maker = new ConversationMaker(seed);
        using var bodies = new KeptBodies(maker.Chance(30) ? 1 << 14 : 1 << 20);
        var conversations = new List<List<Message>> { new(), new() };
        var tools = new List<ToolDefinition>();
        string? system = null;
        var flying = new List<WireRequest>();
        long copied = 0;
        long all = 0;
        for (int step = 0; step < 24; step++)
        {
            int which = maker.Below(conversations.Count);
            List<Message> before = [.. conversations[which]];
            Change(maker, conversations, which);
            if (maker.Chance(10))
                tools = [.. tools, maker.Tool()];
            if (maker.Chance(10))
                system = maker.Chance(80) ? maker.Text() : null;
            if (maker.Chance(15))
                maker.Meddle();
            var conversation = conversations[which];
            var request = new ChatRequest
            {
                Model = maker.Chance(90) ? "gemini-2.5-pro" : "gemini-3-pro",
                System = system,
                Messages = maker.Chance(50) ? conversation : [.. conversation],
                Tools = tools,
                Format = maker.Chance(10) ? ReplyFormat.JsonSchema("answer", "{}") : null,
                Extra = maker.Chance(10) ? Stored : new Dictionary<string, RawJson>(),
            };
            bool stream = maker.Chance(50);
            string expected = Describe(protocol, request, stream, null, out var plain);
            string actual = Describe(protocol, request, stream, bodies, out var wire);
            Assert.True(expected == actual, $"Seed {seed}, step {step}, {protocol}:\n{expected}\n{actual}");
            // Each place must know the current index of its message, whatever was inserted or removed before it.
            if (wire.Written is { } written)
            {
                Assert.True(
                    written.CountShared(conversation, out int places) == places,
                    $"Seed {seed}, step {step}, {protocol}: a place with the index of another."
                );
            }

            copied += wire.Copied;
            all += wire.Length;
            // A message that a wire cannot carry at all must not stay in the conversation.
            if (plain.Length == 0 || plain.Body.Span[^1] != '}')
                conversations[which] = maker.Chance(80) ? before : [];
            plain.Dispose();
            flying.Add(wire);
            while (flying.Count > maker.Below(3))
            {
                int done = maker.Below(flying.Count);
                flying[done].Dispose();
                flying.RemoveAt(done);
            }
        }
        foreach (var wire in flying)
            wire.Dispose();
        return (copied, all);
    }

    private static void Change(ConversationMaker maker, List<List<Message>> conversations, int which)
    {
        var conversation = conversations[which];
        for (int i = maker.Below(3); i >= 0; i--)
            conversation.Add(maker.Message());
        if (maker.Chance(10))
            conversation[maker.Below(conversation.Count)] = maker.Message();
        if (maker.Chance(10))
            conversation.RemoveAt(maker.Below(conversation.Count));
        if (maker.Chance(5) && conversation.Count > 0)
            conversation.Add(conversation[maker.Below(conversation.Count)]);
        if (maker.Chance(5))
            conversation.Reverse();
        if (maker.Chance(10) && conversations.Count < 6)
            conversations.Add([.. conversation]);
        else if (maker.Chance(10))
            conversations[which] = [.. conversation.Take(maker.Below(conversation.Count + 1))];
        if (conversations[which].Count == 0)
            conversations[which].Add(maker.Message());
    }

    private static string Describe(WireProtocol protocol, ChatRequest request, bool stream, KeptBodies? bodies, out WireRequest wire)
    {
        wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org/v1/"), IsStream = stream };
        bodies?.Begin(protocol, request, wire);
        try
        {
            protocol.WriteRequest(request, stream, wire);
            wire.EndWriting(isWhole: true);
        }
        catch (ArgumentException e)
        {
            wire.EndWriting(isWhole: false);
            return e.Message;
        }
        return $"{Encoding.UTF8.GetString(wire.Body.Span)}\n{string.Join(", ", wire.Quirks)}";
    }

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out int number) ? number : usual;
}
