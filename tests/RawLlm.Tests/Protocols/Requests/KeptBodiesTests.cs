using System.Collections.Concurrent;
using System.Text;
using RawLlm.Framing;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Requests;

[Collection(Allocation.AllocationCollection.Name)]
public sealed class KeptBodiesTests
{
    private static readonly ChatCompletionsProtocol Protocol = new();
    private static readonly GeminiProtocol Gemini = new();

    [Fact]
    public void Write_ConversationGrew_CopiesAllButNewMessage()
    {
        using var bodies = new KeptBodies(1 << 20);
        var messages = Talk(50);
        Write(bodies, messages).Dispose();

        using var wire = Write(bodies, [.. messages, Message.User("and now?")]);

        Assert.InRange(wire.Copied, wire.Length - 200, wire.Length);
    }

    [Fact]
    public void Write_ConversationGrew_ReusesArray()
    {
        using var bodies = new KeptBodies(1 << 20);
        ToolDefinition[] tools = [.. Enumerable.Range(0, 5).Select(i => new ToolDefinition($"tool_{i}", "d", """{"type":"object"}"""))];
        var messages = Talk(50);
        var first = Write(bodies, messages, tools);
        byte[] array = Array(first);
        first.Dispose();

        for (int i = 0; i < 5; i++)
        {
            messages.Add(Message.User($"and now, {i}?"));
            using var wire = Write(bodies, messages, tools);
            using var plain = Write(null, messages, tools);

            Assert.Same(array, Array(wire));
            Assert.True(plain.Body.Span.SequenceEqual(wire.Body.Span));
        }
    }

    [Fact]
    public void Write_PreviousBodyIsStillBeingSent_DoesNotChangeIt()
    {
        using var bodies = new KeptBodies(1 << 20);
        var messages = Talk(50);
        Write(bodies, messages).Dispose();
        var first = Write(bodies, [.. messages, Message.User("one")]);
        Assert.True(first.TryHold());
        var sent = first.Body;
        string before = Encoding.UTF8.GetString(sent.Span);
        first.Dispose();

        using var second = Write(bodies, [.. messages, Message.User("another")]);

        Assert.Equal(before, Encoding.UTF8.GetString(sent.Span));
        Assert.NotSame(Array(first), Array(second));
        first.Release();
    }

    [Fact]
    public void Write_ConversationWasShortened_ClearsBytesAfterBody()
    {
        using var bodies = new KeptBodies(1 << 20);
        var messages = Talk(50);
        var first = Write(bodies, messages);
        byte[] array = Array(first);
        int length = first.Length;
        first.Dispose();

        using var wire = Write(bodies, [.. messages[..40]]);
        using var plain = Write(null, [.. messages[..40]]);

        Assert.Same(array, Array(wire));
        Assert.True(plain.Body.Span.SequenceEqual(wire.Body.Span));
        Assert.False(array.AsSpan(wire.Length, length - wire.Length).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Write_InvalidRequest_DropsKeptConversation()
    {
        using var bodies = new KeptBodies(1 << 20);
        var messages = Talk(50);
        Write(bodies, messages).Dispose();

        Assert.ThrowsAny<ArgumentException>(() => Write(bodies, [.. messages, new Message((Role)99, [new TextPart("x")])]));

        Assert.Equal(0, bodies.Cost);
        using var again = Write(bodies, messages);
        using var plain = Write(null, messages);
        Assert.True(plain.Body.Span.SequenceEqual(again.Body.Span));
    }

    // On this wire, system messages are outside the contents: one less moves the messages after it but not their bytes.
    [Fact]
    public void Write_MessagesMoved_AreSharedByNewIndex()
    {
        using var bodies = new KeptBodies(1 << 20);
        var talk = Talk(40);
        Write(bodies, [.. talk[..20], Message.System("Be brief."), .. talk[20..]], protocol: Gemini).Dispose();

        foreach (
            List<Message> messages in (List<Message>[])
                [talk, [Message.User("before all"), .. talk], [.. talk[..30], Message.System("Be brief."), .. talk[30..]]]
        )
        {
            using var wire = Write(bodies, messages, protocol: Gemini);
            int shared = wire.Written!.CountShared(messages, out int all);

            Assert.Equal((messages.Count(message => message.Role != Role.System), all), (shared, all));
        }
    }

    [Fact]
    public void Write_PreviousRequestIsInFlight_DoesNotChangeItsBody()
    {
        using var bodies = new KeptBodies(1 << 20);
        var messages = Talk(50);
        Write(bodies, messages).Dispose();
        using var first = Write(bodies, messages);
        string before = Encoding.UTF8.GetString(first.Body.Span);

        using var second = Write(bodies, [.. messages, Message.User("and now?")]);

        Assert.Equal(before, Encoding.UTF8.GetString(first.Body.Span));
        Assert.NotEqual(before, Encoding.UTF8.GetString(second.Body.Span));
    }

    [Fact]
    public void Write_CallerChangedParts_WritesThemAgain()
    {
        using var bodies = new KeptBodies(1 << 20);
        var parts = new List<Part> { new TextPart("before") };
        List<Message> messages = [new(Role.User, parts), .. Talk(50)];
        Write(bodies, messages).Dispose();
        parts[0] = new TextPart("after");

        using var wire = Write(bodies, messages);

        Assert.Contains("after", Encoding.UTF8.GetString(wire.Body.Span), StringComparison.Ordinal);
        Assert.True(wire.Copied > 0);
    }

    [Fact]
    public void RawJson_CallerChangesSourceBytes_IsUnchanged()
    {
        byte[] bytes = "{\"a\":1}"u8.ToArray();
        var json = RawJson.FromUtf8(bytes);

        bytes[5] = (byte)'2';

        Assert.Equal("{\"a\":1}", json.ToString());
    }

    [Fact]
    public void Dispose_BodiesInUse_ClearsKeptAndLaterReturnedArrays()
    {
        var bodies = new KeptBodies(1 << 20);
        var kept = Write(bodies, Talk(50));
        byte[] keptBytes = Array(kept);
        int keptLength = kept.Length;
        kept.Dispose();
        Assert.Contains((byte)'m', keptBytes);
        var late = Write(bodies, Talk(40));
        byte[] lateBytes = Array(late);
        int lateLength = late.Length;

        // Checked when they are returned, because later they may be anyone's. The bytes after the body were there before.
        var given = new ConcurrentDictionary<byte[], bool>();
        ByteArrays.Ledger = (array, isRented) =>
        {
            if (!isRented)
            {
                given[array] = array
                    .AsSpan(
                        0,
                        array == keptBytes ? keptLength
                            : array == lateBytes ? lateLength
                            : 0
                    )
                    .ContainsAnyExcept((byte)0);
            }
        };
        try
        {
            bodies.Dispose();
            late.Dispose();
        }
        finally
        {
            ByteArrays.Ledger = null;
        }

        Assert.Equal((false, false), (given[keptBytes], given[lateBytes]));
        Assert.Equal(0, bodies.Cost);
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(100_000)]
    public void KeptBodies_ManyConversations_StayWithinLimit(int most)
    {
        using var bodies = new KeptBodies(most);
        for (int i = 0; i < 60; i++)
        {
            Write(bodies, Talk(1 + (i * 7 % 90))).Dispose();
            Assert.InRange(bodies.Cost, 0, most);
        }

        Assert.True(bodies.Cost > 0);
    }

    [Fact]
    public void KeptBodies_BodyLargerThanLimit_IsNotKept()
    {
        using var bodies = new KeptBodies(10_000);
        var messages = Talk(400);
        Write(bodies, messages).Dispose();

        using var wire = Write(bodies, messages);

        Assert.Equal(0, wire.Copied);
        Assert.Equal(0, bodies.Cost);
    }

    [Fact]
    public void Write_OtherModel_CopiesNothing()
    {
        using var bodies = new KeptBodies(1 << 20);
        var messages = Talk(50);
        Write(bodies, messages).Dispose();

        using var wire = Write(bodies, messages, model: "another");

        Assert.Equal(0, wire.Copied);
    }

    [Fact]
    public void Write_NewConversationWithSameTools_CopiesTools()
    {
        using var bodies = new KeptBodies(1 << 20);
        ToolDefinition[] tools =
        [
            .. Enumerable.Range(0, 20).Select(i => new ToolDefinition($"tool_{i}", new string('d', 200), """{"type":"object"}""")),
        ];
        Write(bodies, Talk(2), tools).Dispose();

        using var wire = Write(bodies, Talk(3), tools);

        Assert.True(wire.Copied > 20 * 200);
    }

    [Fact]
    public void KeptBodies_ConversationsWithSamePrefix_AreKeptSeparately()
    {
        using var bodies = new KeptBodies(1 << 20);
        List<Message> begin = [Message.System("Answer briefly."), .. Talk(4)];
        List<Message>[] talks =
        [
            [.. begin, .. Talk(50)],
            [.. begin, .. Talk(60)],
            [.. begin, .. Talk(70)],
        ];
        foreach (var talk in talks)
            Write(bodies, talk).Dispose();

        foreach (var talk in talks)
        {
            talk.Add(Message.User("and now?"));
            using var wire = Write(bodies, talk);
            Assert.InRange(wire.Copied, wire.Length - 200, wire.Length);
        }
    }

    [Fact]
    public async Task Write_FromManyThreads_WritesBodyOfEachConversation()
    {
        using var bodies = new KeptBodies(1 << 20);
        var shared = Talk(30);
        await Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(thread =>
                        Task.Run(() =>
                        {
                            List<Message> messages = [.. shared];
                            for (int i = 0; i < 200; i++)
                            {
                                messages.Add(Message.User($"thread {thread}, message {i}"));
                                using var wire = Write(bodies, messages);
                                using var plain = Write(null, messages);
                                Assert.True(plain.Body.Span.SequenceEqual(wire.Body.Span));
                            }
                        })
                    )
            )
            .WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static List<Message> Talk(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    i % 2 == 0
                        ? Message.User($"message {i} mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm")
                        : Message.Assistant($"answer {i} mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm")
                ),
        ];

    private static WireRequest Write(
        KeptBodies? bodies,
        IReadOnlyList<Message> messages,
        IReadOnlyList<ToolDefinition>? tools = null,
        string model = "m",
        WireProtocol? protocol = null
    )
    {
        var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org/v1/") };
        var request = new ChatRequest
        {
            Model = model,
            Messages = messages,
            Tools = tools ?? [],
        };
        protocol ??= Protocol;
        bodies?.Begin(protocol, request, wire);
        try
        {
            protocol.WriteRequest(request, stream: false, wire);
        }
        catch
        {
            wire.EndWriting(isWhole: false);
            wire.Dispose();
            throw;
        }
        wire.EndWriting(isWhole: true);
        return wire;
    }

    private static byte[] Array(WireRequest wire)
    {
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(wire.Body, out var segment));
        return segment.Array!;
    }
}
