using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Chat;

/// <summary>Conversations that are stored and continued later.</summary>
public sealed partial class ConversationTests
{
    private static readonly Message[] OfEveryPart =
    [
        Message.System("Be brief. \u00e4\u4f60\ud83d\ude00 <\"&'>"),
        new(
            Role.User,
            [
                new TextPart("") { Cache = PromptCache.OneHour },
                new ImagePart(new byte[] { 1, 2, 250 }, "image/png") { Detail = "low", Cache = PromptCache.FiveMinutes },
                new ImagePart(new Uri("https://example.org/a b.png?x=%20")),
            ]
        )
        {
            Name = "Ada",
        },
        new(
            Role.User,
            [
                new FilePart(new byte[] { 0 }, "application/pdf", "a.pdf"),
                new FilePart(new Uri("data:text/plain,Hi")),
                new FilePart("file_1"),
                new FilePart(Array.Empty<byte>(), "audio/wav"),
                new FilePart(new Uri("https://example.org/a"), "application/pdf"),
                new ImagePart(new Uri("https://example.org/b"), "image/png"),
                new FilePart("file_2", "image/png"),
            ]
        ),
        new(
            Role.Assistant,
            [
                new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{ "signature" : "a/b+c==" }""") },
                new RefusalPart("No."),
                new ToolCallPart(new ToolCall("c1", "f", """{"a":1}""")),
                new ToolCallPart(new ToolCall("c2", "g", """{"a""") { IsComplete = false }),
                new OpaquePart(new WireData("responses", """{"type":"web_search_call","id":"ws_1","n":1.0e2}""")),
            ]
        ),
        new(
            Role.Tool,
            [
                new ToolResultPart("c1", [new TextPart("4 \u00b0C"), new ImagePart(new byte[] { 9 }, "image/jpeg")])
                {
                    Name = "f",
                    IsError = true,
                },
                new ToolResultPart("c2", "x"),
            ]
        ),
    ];

    [Fact]
    public void Write_ThenRead_KeepsEveryPart()
    {
        byte[] stored = Conversation.Write(OfEveryPart);
        var read = Conversation.Read(stored);

        Assert.Equal(Text(stored), Text(Conversation.Write(read)));
        Assert.Equal(OfEveryPart[0], read[0]);
        Assert.Equal(OfEveryPart[3], read[3]);
        Assert.Equal("Ada", read[1].Name);
        var picture = Assert.IsType<ImagePart>(read[1].Parts[1]);
        Assert.Equal([1, 2, 250], picture.Data.ToArray());
        Assert.Equal(("image/png", "low", PromptCache.FiveMinutes), (picture.MediaType, picture.Detail, picture.Cache));
        Assert.Equal("https://example.org/a b.png?x=%20", Assert.IsType<ImagePart>(read[1].Parts[2]).Url!.OriginalString);
        Assert.Equal("file_1", Assert.IsType<FilePart>(read[2].Parts[2]).FileId);
        Assert.Equal(OfEveryPart[2].Parts[6], read[2].Parts[6]);
        Assert.Equal("""{ "signature" : "a/b+c==" }""", read[3].Parts[0].WireData!.Json.ToString());
        Assert.True(Assert.IsType<ToolResultPart>(read[4].Parts[0]).IsError);
    }

    /// <summary>The message of every wire case comes back equal, with everything that its wire wants back.</summary>
    [Fact]
    public void Write_AnswersOfAllWires_AreReadBackEqual()
    {
        int count = 0;
        foreach (var wire in WireCase.All().Where(wire => wire.ErrorStatus is null))
        {
            var protocol = WireProtocols.Get(wire.Protocol);
            var decoded = wire.IsStream ? Decoded.Stream(protocol, wire.ReadBody()) : Decoded.Whole(protocol, wire.ReadBody());
            foreach (var choice in decoded.Reply.Choices)
            {
                Assert.Equal(choice.Message, Assert.Single(Conversation.Read(Conversation.Write([choice.Message]))));
                count++;
            }
        }
        Assert.True(count > 500, $"{count}");
    }

    [Fact]
    public void Serialize_WithGeneratedMetadata_RoundTrips()
    {
        var stored = new Stored("t1", [.. OfEveryPart], """{"a": 1}""", default);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(stored, StoredJson.Default.Stored);
        var read = JsonSerializer.Deserialize(json, StoredJson.Default.Stored)!;

        Assert.Equal(Text(Conversation.Write(OfEveryPart)), Text(Conversation.Write(read.Messages)));
        Assert.Equal(("""{"a": 1}""", true), (read.Raw.ToString(), read.None.IsEmpty));
        Assert.Contains("""Raw":{"a": 1},"None":null""", Text(json), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serialize_ToStreamReadInPieces_RoundTrips()
    {
        using var file = new MemoryStream();
        await JsonSerializer.SerializeAsync(file, OfEveryPart, StoredJson.Default.MessageArray);
        file.Position = 0;
        using var drips = new Support.DripStream(file.ToArray(), 7);
        var read = (await JsonSerializer.DeserializeAsync(drips, StoredJson.Default.MessageArray))!;
        Assert.Equal(Text(Conversation.Write(OfEveryPart)), Text(Conversation.Write(read)));
    }

    [Fact]
    public void Read_MembersReorderedOrUnknown_Succeeds()
    {
        var read = Conversation.Read(
            """[{"later":{"x":[1]},"parts":[{"arguments":"{}","later":[],"name":"f","id":"c","type":"tool_call"}],"role":"assistant"},{"role":"user","parts":[]}]"""u8
        );
        Assert.Equal([new Message(Role.Assistant, [new ToolCallPart(new ToolCall("c", "f", "{}"))]), new Message(Role.User, [])], read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("[] []")]
    [InlineData("[null]")]
    [InlineData("""[{"parts":[]}]""")]
    [InlineData("""[{"role":"king","parts":[]}]""")]
    [InlineData("""[{"role":1}]""")]
    [InlineData("""[{"role":"user"}]""")]
    [InlineData("""[{"role":"user","parts":{}}]""")]
    [InlineData("""[{"role":"user","parts":[{}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"smell"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"text"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"text","text":"x","cache":"for_ever"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"text","text":"\ud800"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"image","data":"?","media_type":"image/png"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"image","data":"AA==","media_type":"text/plain"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"image"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"file","file_id":""}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"tool_call","id":"c","name":"f"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"opaque"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"opaque","wire":{"protocol":"x"}}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"opaque","wire":{"json":{}}}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"tool_call","id":"c","name":"f","arguments":"","is_complete":"no"}]}]""")]
    public void Read_InvalidConversation_ThrowsArgumentException(string json)
    {
        var error = Assert.Throws<ArgumentException>(() => Conversation.Read(Encoding.UTF8.GetBytes(json)));
        Assert.StartsWith("Not a stored conversation", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"role":"user","content":"Hi"}""", "format of a service")]
    [InlineData("""{"role":"user"}""", "A message has no parts.")]
    public void Read_MessageWithoutParts_ThrowsWithReason(string json, string said)
    {
        Assert.Contains(
            said,
            Assert.Throws<ArgumentException>(() => Conversation.Read(Encoding.UTF8.GetBytes($"[{json}]"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            said,
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Message>(json)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_WithByteOrderMark_IgnoresIt() =>
        Assert.Equal([Message.User("Hi")], Conversation.Read([0xEF, 0xBB, 0xBF, .. Conversation.Write([Message.User("Hi")])]));

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(63)]
    public void Write_DeeplyNestedWireData_IsReadByEveryReader(int levels)
    {
        var data = new WireData("responses", $$"""{ "a":{{new string('[', levels - 1)}}"\u00e4"{{new string(']', levels - 1)}}}""");
        Message[] messages = [Message.Assistant(new TextPart("x") { WireData = data })];

        Assert.Equal(messages, Conversation.Read(Conversation.Write(messages)));
        string json = JsonSerializer.Serialize(new Stored("t", [.. messages], "1", default), StoredJson.Default.Stored);
        Assert.Equal(messages, JsonSerializer.Deserialize(json, StoredJson.Default.Stored)!.Messages);
        Assert.Equal(levels > 32, json.Contains("json_text", StringComparison.Ordinal));
    }

    [Fact]
    public void WireData_WithoutJson_ThrowsNamingWire()
    {
        Assert.Contains(
            "'responses'",
            Assert.Throws<ArgumentException>(() => new WireData("responses", default)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new WireData("responses", "{}") with { Json = default });
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    public void Read_WireDataIsNoJson_ThrowsArgumentException(string text) =>
        Assert.Throws<ArgumentException>(() =>
            Conversation.Read(
                Encoding.UTF8.GetBytes(
                    $$$"""[{"role":"user","parts":[{"type":"text","text":"x","wire":{"protocol":"p","json_text":"{{{text}}}"}}]}]"""
                )
            )
        );

    [Fact]
    public void Read_CorruptBytes_RoundTripsOrThrowsArgumentException()
    {
        byte[] stored = Conversation.Write(OfEveryPart);
        var random = new Random(4711);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] damaged = [.. stored];
            for (int n = 0; n <= i % 3; n++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                byte[] read = Conversation.Write(
                    Conversation.Read(damaged.AsSpan(0, i % 5 == 0 ? random.Next(damaged.Length) : damaged.Length))
                );
                Assert.Equal(Text(read), Text(Conversation.Write(Conversation.Read(read))));
            }
            catch (ArgumentException e)
            {
                Assert.StartsWith("Not a stored conversation", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);

    private sealed record Stored(string Title, List<Message> Messages, RawJson Raw, RawJson None);

    [JsonSerializable(typeof(Stored))]
    [JsonSerializable(typeof(Message[]))]
    private sealed partial class StoredJson : JsonSerializerContext;

    [Theory]
    [InlineData("""[{"\ud800":1,"role":"user","parts":[]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"image","data":"\ud800"}]}]""")]
    [InlineData("""[{"role":"user","parts":[{"type":"text","text":"x","wire":{"\udc00":1}}]}]""")]
    public void Read_LoneSurrogateOutsideText_ThrowsArgumentException(string stored) =>
        Assert.Contains(
            "message 0",
            Assert.Throws<ArgumentException>(() => Conversation.Read(Encoding.UTF8.GetBytes(stored))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Write_NullOrInvalidParts_ThrowsArgumentException()
    {
        Assert.Throws<ArgumentNullException>(() => Conversation.Write([new Message(Role.User, null!)]));
        Assert.Throws<ArgumentNullException>(() => Conversation.Write([new Message(Role.User, [null!])]));
        Assert.Throws<ArgumentException>(() => Conversation.Write([new Message((Role)9, [])]));
        Assert.Throws<ArgumentException>(() =>
            Conversation.Write([new Message(Role.User, [new TextPart("x") { Cache = (PromptCache)9 }])])
        );
    }
}
