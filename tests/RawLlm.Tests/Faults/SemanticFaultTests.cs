using System.Globalization;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Faults;

/// <summary>Sections D to G where no wire case fits: hostile JSON, forged end marks, floods.</summary>
public sealed class SemanticFaultTests
{
    private static readonly ChatCompletionsProtocol Chat = new();

    [Fact]
    [Case(74, 93)]
    public async Task Usage_SumOverflows_IsInconsistentAndHasNoCost()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Answer(
                200,
                "application/json",
                Answers.Whole.Replace(
                    "\"prompt_tokens\":3,\"completion_tokens\":2",
                    "\"prompt_tokens\":9000000000000000000,\"completion_tokens\":9000000000000000000",
                    StringComparison.Ordinal
                )
            )
        );
        var options = FaultRun.Once with
        {
            Prices = PriceTable.Empty.With(FaultWire.Compatible().Name, "m", new Price(decimal.MaxValue / 10, 1)),
        };
        var reply = await wire.Client(options).SendAsync("Hi", wire.Token);
        Assert.Equal((9_000_000_000_000_000_000, null), (reply.Usage!.InputTokens, reply.Cost));
        Assert.Contains(reply.Quirks, quirk => quirk.Kind == QuirkKind.UsageInconsistent);
    }

    [Fact]
    [Case(59)]
    public void Text_NotValidUtf8_IsReplacedOrRejectedInStrictMode()
    {
        foreach (
            byte[] bad in (byte[][])
                [
                    [0xFF],
                    [0xC0, 0x80],
                    [0xE2, 0x82],
                    [0xED, 0xA0, 0x80],
                    [0xF5, 0x80, 0x80, 0x80],
                ]
        )
        {
            byte[] body =
            [
                .. Encoding.UTF8.GetBytes(Answers.Hi.Split("Hi")[0]),
                (byte)'H',
                .. bad,
                .. Encoding.UTF8.GetBytes(Answers.Hi.Split("Hi")[1] + Answers.Stop + Answers.End),
            ];
            var decoded = Decoded.Stream(Chat, body);
            Assert.Null(decoded.Error);
            Assert.StartsWith("H\uFFFD", decoded.Reply.Text, StringComparison.Ordinal);
            Assert.Contains(decoded.Reply.Quirks, quirk => quirk.Kind == QuirkKind.InvalidUtf8);
            Assert.Equal(LlmErrorKind.MalformedResponse, Decoded.Stream(Chat, body, strict: true).Error?.Kind);
        }
    }

    [Fact]
    [Case(59)]
    public void RawJson_BytesAreNotUtf8_IsRejected() =>
        Assert.Throws<ArgumentException>(() => RawJson.FromUtf8(new byte[] { (byte)'"', 0xFF, (byte)'"' }));

    [Theory]
    [InlineData("data: {\"a\":\n\ndata: 1}\n\n", 64)]
    [InlineData("data: [DONE] \n\n", 66)]
    [InlineData("data: [DONE]{\"error\":1}\n\n", 66)]
    [InlineData("data: [done]\n\n", 66)]
    [InlineData("data: [DONE]\ndata: more\n\n", 66)]
    [InlineData("data: {..}data: {..}\n\n", 63)]
    [InlineData("data: {\"choices\":{}}\n\n", 75)]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":5}}]}\n\n", 75)]
    [Case(63, 64, 66, 75)]
    public void Event_WithInvalidJsonOrType_IsMalformedResponse(string wire, int number)
    {
        var decoded = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(Answers.Hi + wire + Answers.Stop + Answers.End));
        Assert.True(
            decoded.Error?.Kind == LlmErrorKind.MalformedResponse,
            $"case {number}: {decoded.Error?.Kind} {string.Join(", ", decoded.Reply.Quirks)}"
        );
        // What arrived before is kept, and nothing that arrived after.
        Assert.Equal("Hi", decoded.Reply.Text);
    }

    [Theory]
    [InlineData(65)]
    [InlineData(1000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    [Case(72)]
    public void Json_TooDeep_ThrowsLimitExceeded(int depth)
    {
        string deep = new string('[', depth) + new string(']', depth);
        var stream = Decoded.Stream(Chat, Encoding.UTF8.GetBytes($$"""data: {"x":{{deep}},"choices":[]}""" + "\n\n"));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.JsonDepth), (stream.Error?.Kind, stream.Error?.Limit));
        var whole = Decoded.Whole(Chat, Encoding.UTF8.GetBytes($$"""{"x":{{deep}},"choices":[]}"""));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.JsonDepth), (whole.Error?.Kind, whole.Error?.Limit));
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("converse")]
    [InlineData("bedrock-invoke")]
    [InlineData("responses")]
    [InlineData("gemini")]
    [InlineData("ollama")]
    [Case(72, 77)]
    public void Json_OfOtherWires_HasDepthLimitAndAllocatesNothingForNames(string wire)
    {
        var protocol = WireProtocols.Get(wire);
        byte[] deep = Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 100_000) + new string(']', 100_000) + "}");
        var error = Decoded.Whole(protocol, deep).Error;
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.JsonDepth), (error?.Kind, error?.Limit));
        byte[] names = Encoding.UTF8.GetBytes(
            "{"
                + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"\"k{i}\":{i},"))
                + "\"end\":["
                + string.Join(',', Enumerable.Repeat("0", 100_000))
                + "]}"
        );
        Decoded.Whole(protocol, names);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Decoded.Whole(protocol, names);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 256 << 10, "An answer of many names made something of them.");
    }

    [Fact]
    [Case(73)]
    public void FinishReason_TwiceInOneChoice_LastOneWins()
    {
        const string Json = """{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"length","finish_reason":"stop"}]}""";
        var decoded = Decoded.Stream(Chat, Encoding.UTF8.GetBytes($"data: {Json}\n\n{Answers.End}"));
        Assert.Equal((null, StopReason.EndTurn), (decoded.Error, decoded.Reply.StopReason));
    }

    [Theory]
    [InlineData("""{"error":{"message":"no","code":"rate_limit_exceeded"},"error":null,"choices":[]}""")]
    [InlineData("""{"error":null,"error":{"message":"no","code":"rate_limit_exceeded"},"choices":[]}""")]
    [Case(73)]
    public void Error_DuplicateMemberIsNull_IsStillReported(string json)
    {
        Assert.Equal(LlmErrorKind.StreamError, Decoded.Stream(Chat, Encoding.UTF8.GetBytes($"data: {json}\n\n{Answers.End}")).Error?.Kind);
        Assert.Equal(LlmErrorKind.RateLimited, Decoded.Whole(Chat, Encoding.UTF8.GetBytes(json)).Error?.Kind);
    }

    [Fact]
    public void Error_InOtherMemberAfterBlankError_IsStillReported()
    {
        const string Json =
            """{"choices":[{"index":0,"delta":{"content":"a"},"error":{"message":"","code":0}}],"x_groq":{"error":"over capacity"}}""";
        Assert.Equal(LlmErrorKind.StreamError, Decoded.Stream(Chat, Encoding.UTF8.GetBytes($"data: {Json}\n\n{Answers.End}")).Error?.Kind);
    }

    [Fact]
    [Case(73)]
    public void ToolArguments_WithDuplicateName_AreReturnedUnchanged()
    {
        const string Arguments = """{"a":1,"a":2}""";
        string call =
            $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{{{Arguments.Replace("\"", "\\\"", StringComparison.Ordinal)}}}"}}]},"finish_reason":"tool_calls"}]}"""
            + "\n\n";
        var decoded = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(call + Answers.End));
        Assert.Equal(Arguments, decoded.Reply.ToolCalls.Single().Arguments.ToString());
    }

    [Theory]
    [InlineData("1e2", false)]
    [InlineData("1.0", false)]
    [InlineData("4096.0", true)]
    [InlineData("-1", true)]
    [InlineData("4096", true)]
    [InlineData("2147483647", true)]
    [InlineData("2147483648", true)]
    [InlineData("4294967294", true)]
    [InlineData("1000000000", true)]
    [InlineData("1e400", true)]
    [InlineData("0.5", false)]
    [InlineData("\"0\"", false)]
    [Case(74, 94)]
    public void ToolIndex_LargeOrUnusual_DoesNotAllocate(string index, bool isLimit)
    {
        string call =
            $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":{{{index}}},"id":"x","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"""
            + "\n\n";
        byte[] body = Encoding.UTF8.GetBytes(call + Answers.End);
        Decoded.Stream(Chat, body);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var decoded = Decoded.Stream(Chat, body);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 10);
        if (isLimit)
        {
            Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.ToolCalls), (decoded.Error?.Kind, decoded.Error?.Limit));
            return;
        }
        // A small number in another format counts as that number; an index that is not an integer counts as missing.
        Assert.Null(decoded.Error);
        Assert.Equal(("x", "{}"), (Assert.Single(decoded.Reply.ToolCalls).Id, decoded.Reply.ToolCalls[0].Arguments));
        Assert.Contains(decoded.Reply.Quirks, quirk => quirk.Kind == QuirkKind.UnexpectedType);
        Assert.Equal(index is "0.5", decoded.Reply.Quirks.Any(quirk => quirk.Kind == QuirkKind.ToolIndexMissing));
        Assert.Equal(LlmErrorKind.MalformedResponse, Decoded.Stream(Chat, body, strict: true).Error?.Kind);
    }

    [Fact]
    [Case(81)]
    public void FinishReason_MissingInStrictDecoding_ThrowsStreamTruncated()
    {
        byte[] body =
            """
            data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}

            data: [DONE]


            """u8.ToArray();

        Assert.Equal(StopReason.Unknown, Decoded.Stream(Chat, body).Reply.StopReason);
        var error = Decoded.Stream(Chat, body, strict: true).Error;

        Assert.Equal(LlmErrorKind.StreamTruncated, error?.Kind);
        Assert.Contains("NoFinishReason", error?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128, false)]
    [InlineData(129, true)]
    [Case(94)]
    public void ToolCalls_MoreThanLimit_ThrowLimitExceeded(int count, bool isLimit)
    {
        string calls = string.Concat(
            Enumerable
                .Range(0, count)
                .Select(i =>
                    $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":{{{i}}},"id":"x{{{i}}}","function":{"name":"f","arguments":"{}"}}]}}]}"""
                    + "\n\n"
                )
        );
        var decoded = Decoded.Stream(
            Chat,
            Encoding.UTF8.GetBytes(
                calls + """data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""" + "\n\n" + Answers.End
            )
        );
        Assert.Equal(isLimit ? LlmLimit.ToolCalls : null, decoded.Error?.Limit);
        if (!isLimit)
            Assert.Equal(count, decoded.Reply.CompletedToolCalls.Count);
    }

    [Theory]
    [InlineData("gemini/malformed-function-call", "MALFORMED_FUNCTION_CALL")]
    [InlineData("gemini/unexpected-tool-call", "UNEXPECTED_TOOL_CALL")]
    [InlineData("converse/tool-malformed-by-the-model", "malformed_tool_use")]
    [Case(88)]
    public void ToolCall_ReportedMalformedByService_HasStopReasonErrorAndNoCall(string name, string word)
    {
        var decoded = Case(name, strict: false);
        Assert.Null(decoded.Error);
        Assert.Equal((StopReason.Error, word), (decoded.Reply.StopReason, decoded.Reply.RawStopReason));
        Assert.Empty(decoded.Reply.CompletedToolCalls);
    }

    [Theory]
    [InlineData("anthropic/message-start-twice")]
    [InlineData("anthropic/delta-without-its-block")]
    [InlineData("anthropic/block-stop-twice")]
    [InlineData("converse/delta-after-its-block")]
    [InlineData("converse/index-used-again")]
    [Case(91)]
    public void Events_OutOfOrder_RecordQuirkOrThrowInStrictMode(string name)
    {
        var decoded = Case(name, strict: false);
        Assert.Null(decoded.Error);
        Assert.Contains(decoded.Reply.Quirks, quirk => quirk.Kind == QuirkKind.EventOrder);
        Assert.Equal(LlmErrorKind.MalformedResponse, Case(name, strict: true).Error?.Kind);
    }

    [Fact]
    [Case(92)]
    public void Identity_OfChunksJoinedByGateway_RecordsQuirkOrThrowsInStrictMode()
    {
        string Chunk(string id, string text) =>
            $$$"""data: {"id":"{{{id}}}","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"{{{text}}}"},"finish_reason":null}]}"""
            + "\n\n";
        string body =
            Chunk("first", "a")
            + Chunk("first", "b")
            + Chunk("first", "c")
            + Chunk("second", "d")
            + Chunk("second", "e")
            + Chunk("third", "f")
            + """data: {"id":"third","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"""
            + "\n\n"
            + Answers.End;
        var decoded = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(body));
        Assert.Null(decoded.Error);
        Assert.Equal(("abcdef", "first"), (decoded.Reply.Text, decoded.Reply.Id));
        Assert.Equal([new Quirk(QuirkKind.IdentityChanged, "id")], decoded.Reply.Quirks);
        Assert.Equal(LlmErrorKind.MalformedResponse, Decoded.Stream(Chat, Encoding.UTF8.GetBytes(body), strict: true).Error?.Kind);
    }

    [Fact]
    [Case(92)]
    public void Identity_ChangesWithinAnswer_RecordsQuirkOrThrowsInStrictMode()
    {
        var decoded = Case("responses/id-and-model-change", strict: false);
        Assert.Null(decoded.Error);
        Assert.Equal(
            ["response.id", "response.model"],
            decoded.Reply.Quirks.Where(quirk => quirk.Kind == QuirkKind.IdentityChanged).Select(quirk => quirk.Place).Order()
        );
        Assert.Equal(LlmErrorKind.MalformedResponse, Case("responses/id-and-model-change", strict: true).Error?.Kind);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("99999999999999999999999")]
    [InlineData("\"5\"")]
    [InlineData("null")]
    [InlineData("-3")]
    [InlineData("1.5")]
    [Case(74)]
    public void UsageNumber_Invalid_NeverOverflowsOrThrows(string number)
    {
        string usage = $$$"""data: {"choices":[],"usage":{"prompt_tokens":{{{number}}},"completion_tokens":2}}""" + "\n\n";
        var decoded = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(Answers.Hi + Answers.Stop + usage + Answers.End));
        Assert.Null(decoded.Error);
        Assert.True(decoded.Reply.Usage?.InputTokens is null or >= 0);
    }

    [Fact]
    [Case(77)]
    public void MemberNames_OneMillion_AllocateNothing()
    {
        var body = new StringBuilder("data: {\"choices\":[],");
        for (int i = 0; i < 1_000_000; i++)
            body.Append(CultureInfo.InvariantCulture, $"\"k{i}\":{i},");
        body.Append("\"end\":[").Append(string.Join(',', Enumerable.Repeat("0", 1_000_000))).Append("]}\n\n");
        byte[] bytes = Encoding.UTF8.GetBytes(Answers.Hi + body + Answers.Stop + Answers.End);
        using var decoder = Chat.CreateDecoder();
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int events = 0;
        while (decoder.TryRead())
            events++;
        Assert.True(decoder.IsEnded);
        Assert.Equal(4, events);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 256 << 10, "An event of a million names made something of them.");
    }

    [Fact]
    [Case(62)]
    public void EmptyEvents_Many_AllocateNothing()
    {
        using var decoder = Chat.CreateDecoder();
        byte[] block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data:\n\n: x\n\n", 500)));
        Feed(decoder, block);
        Assert.Equal(
            0,
            MinAllocation.Of(() =>
            {
                for (int i = 0; i < 200; i++)
                    Feed(decoder, block);
            })
        );
    }

    [Theory]
    [InlineData(",", "-")]
    [InlineData("\u066B", "\u200F-")]
    [InlineData(".", "\u2212")]
    [Case(152)]
    public void CurrentCulture_WithOtherNumberFormat_ChangesNothing(string decimals, string minus)
    {
        string usual = Written();
        var before = CultureInfo.CurrentCulture;
        try
        {
            var own = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            own.NumberFormat = new NumberFormatInfo
            {
                NumberDecimalSeparator = decimals,
                NumberGroupSeparator = "'",
                NegativeSign = minus,
            };
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = own;
            Assert.Equal(usual, Written());
            var error = ErrorReader.Read(429, [new("retry-after", "1.5")], "{}"u8);
            Assert.Equal(TimeSpan.FromSeconds(1.5), error.RetryAfter);
            Assert.Equal("Hi you", Decoded.Stream(Chat, Encoding.UTF8.GetBytes(Answers.All)).Reply.Text);
        }
        finally
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = before;
        }

        static string Written()
        {
            using var wire = new WireRequest { BaseUrl = new Uri("https://example.org/") };
            Chat.WriteRequest(
                new ChatRequest
                {
                    Model = "I",
                    Messages = [Message.User("Iı")],
                    Temperature = 0.5,
                    Seed = -7,
                    MaxTokens = 1234567,
                },
                stream: true,
                wire
            );
            return Encoding.UTF8.GetString(wire.Body.Span);
        }
    }

    private static Decoded Case(string name, bool strict)
    {
        var wireCase = WireCase.All().Single(wireCase => $"{wireCase.Protocol}/{wireCase.Name}" == name);
        var protocol = WireProtocols.Get(wireCase.Protocol);
        return wireCase.IsStream
            ? Decoded.Stream(protocol, wireCase.ReadBody(), strict: strict)
            : Decoded.Whole(protocol, wireCase.ReadBody(), strict);
    }

    private static void Feed(StreamDecoder decoder, byte[] bytes)
    {
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        while (decoder.TryRead()) { }
    }
}
