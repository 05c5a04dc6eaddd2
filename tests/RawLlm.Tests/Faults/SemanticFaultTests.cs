using System.Globalization;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;

namespace RawLlm.Tests.Faults;

/// <summary>Sections D to G where no wire case fits: hostile JSON, forged end marks, floods.</summary>
public sealed class SemanticFaultTests
{
    private static readonly ChatCompletionsProtocol Chat = new();

    [Fact]
    [Case(59)]
    public void Text_ThatIsNotUtf8_IsReplacedOrRefused()
    {
        foreach (byte[] bad in (byte[][])[[0xFF], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]])
        {
            byte[] body = [.. Encoding.UTF8.GetBytes(Answers.Hi.Split("Hi")[0]), (byte)'H', .. bad, .. Encoding.UTF8.GetBytes(Answers.Hi.Split("Hi")[1] + Answers.Stop + Answers.End)];
            var decoded = Decoded.Stream(Chat, body);
            Assert.Null(decoded.Error);
            Assert.StartsWith("H\uFFFD", decoded.Reply.Text, StringComparison.Ordinal);
            Assert.Contains(decoded.Reply.Quirks, quirk => quirk.Kind == QuirkKind.InvalidUtf8);
            Assert.Equal(LlmErrorKind.MalformedResponse, Decoded.Stream(Chat, body, strict: true).Error?.Kind);
        }
    }

    [Fact]
    [Case(59)]
    public void RawJson_WithBytesThatAreNotUtf8_IsRefused() =>
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
    public void Event_ThatIsNoWholeJson_IsMalformed(string wire, int number)
    {
        var decoded = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(Answers.Hi + wire + Answers.Stop + Answers.End));
        Assert.True(decoded.Error?.Kind == LlmErrorKind.MalformedResponse || decoded.Reply.Quirks.Count > 0, $"case {number}: {decoded.Error?.Kind}");
        Assert.False(decoded.Error is null && number != 75, $"case {number} passes for a whole answer");
    }

    [Theory]
    [InlineData(65)]
    [InlineData(1000)]
    [InlineData(100_000)]
    [Case(72)]
    public void Json_TooDeep_IsALimit(int depth)
    {
        string deep = new string('[', depth) + new string(']', depth);
        var stream = Decoded.Stream(Chat, Encoding.UTF8.GetBytes($$"""data: {"x":{{deep}},"choices":[]}""" + "\n\n"));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.JsonDepth), (stream.Error?.Kind, stream.Error?.Limit));
        var whole = Decoded.Whole(Chat, Encoding.UTF8.GetBytes($$"""{"x":{{deep}},"choices":[]}"""));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.JsonDepth), (whole.Error?.Kind, whole.Error?.Limit));
    }

    [Theory]
    [InlineData("""{"error":{"message":"no","code":"rate_limit_exceeded"},"error":null,"choices":[]}""")]
    [InlineData("""{"error":null,"error":{"message":"no","code":"rate_limit_exceeded"},"choices":[]}""")]
    [Case(73)]
    public void Error_HiddenByASecondMember_IsStillAnError(string json)
    {
        Assert.Equal(LlmErrorKind.StreamError, Decoded.Stream(Chat, Encoding.UTF8.GetBytes($"data: {json}\n\n{Answers.End}")).Error?.Kind);
        Assert.Equal(LlmErrorKind.RateLimited, Decoded.Whole(Chat, Encoding.UTF8.GetBytes(json)).Error?.Kind);
    }

    [Fact]
    [Case(73)]
    public void ToolArguments_WithANameTwice_ComeAsTheyAre()
    {
        const string Arguments = """{"a":1,"a":2}""";
        string call = $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{{{Arguments.Replace("\"", "\\\"", StringComparison.Ordinal)}}}"}}]},"finish_reason":"tool_calls"}]}""" + "\n\n";
        var decoded = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(call + Answers.End));
        Assert.Equal(Arguments, decoded.Reply.ToolCalls.Single().Arguments.ToString());
    }

    [Theory]
    [InlineData("1e2")]
    [InlineData("1.0")]
    [InlineData("-1")]
    [InlineData("2147483648")]
    [InlineData("4294967294")]
    [InlineData("1000000000")]
    [InlineData("0.5")]
    [InlineData("\"0\"")]
    [InlineData("1e400")]
    [Case(74, 94)]
    public void ToolIndex_ThatIsNoSmallNumber_GrowsNothing(string index)
    {
        string call = $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":{{{index}}},"id":"x","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}""" + "\n\n";
        byte[] body = Encoding.UTF8.GetBytes(call + Answers.End);
        Decoded.Stream(Chat, body);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var decoded = Decoded.Stream(Chat, body);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 10);
        Assert.True(decoded.Error is { Kind: LlmErrorKind.LimitExceeded or LlmErrorKind.MalformedResponse } || decoded.Reply.Quirks.Count > 0 || decoded.Reply.ToolCalls.Count == 1);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("99999999999999999999999")]
    [InlineData("\"5\"")]
    [InlineData("null")]
    [InlineData("-3")]
    [InlineData("1.5")]
    [Case(74)]
    public void UsageNumber_ThatIsNone_NeverWrapsOrThrows(string number)
    {
        string usage = $$$"""data: {"choices":[],"usage":{"prompt_tokens":{{{number}}},"completion_tokens":2}}""" + "\n\n";
        var decoded = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(Answers.Hi + Answers.Stop + usage + Answers.End));
        Assert.Null(decoded.Error);
        Assert.True(decoded.Reply.Usage?.InputTokens is null or >= 0);
    }

    [Fact]
    [Case(77)]
    public void Names_AMillionOfThem_BuildNothing()
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
    public void Events_ManyAndEmpty_AllocateNothingEach()
    {
        using var decoder = Chat.CreateDecoder();
        byte[] block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data:\n\n: x\n\n", 500)));
        Feed(decoder, block);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
            Feed(decoder, block);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(",", "-")]
    [InlineData("\u066B", "\u200F-")]
    [InlineData(".", "\u2212")]
    [Case(152)]
    public void Culture_OfTheMachine_ChangesNothing(string decimals, string minus)
    {
        string usual = Written();
        var before = CultureInfo.CurrentCulture;
        try
        {
            var own = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            own.NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = decimals, NumberGroupSeparator = "'", NegativeSign = minus };
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
            Chat.WriteRequest(new ChatRequest { Model = "I", Messages = [Message.User("Iı")], Temperature = 0.5, Seed = -7, MaxTokens = 1234567 }, stream: true, wire);
            return Encoding.UTF8.GetString(wire.Body.Span);
        }
    }

    private static void Feed(StreamDecoder decoder, byte[] bytes)
    {
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        while (decoder.TryRead())
        {
        }
    }
}
