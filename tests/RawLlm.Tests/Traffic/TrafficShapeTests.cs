using System.Net.ServerSentEvents;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RawLlm.Traffic;

namespace RawLlm.Tests.Traffic;

/// <summary>The shapes alone, read without the library, so that an error of the library cannot hide a wrong shape.</summary>
public sealed class TrafficShapeTests
{
    public static TheoryData<string> Names => [.. TrafficShapes.All.Select(shape => shape.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Shape_ReadWithSseParser_MatchesItsDescription(string name)
    {
        var shape = TrafficShapes.Get(name);
        var choices = shape.Choices.Select(_ => new Found()).ToArray();
        int count = 0;
        bool isDone = false;
        foreach (var item in SseParser.Create(new MemoryStream(shape.Bytes.ToArray()), (_, data) => data.ToArray()).Enumerate())
        {
            count++;
            Assert.False(isDone, "An event comes after the end mark.");
            if (isDone = item.Data.AsSpan().SequenceEqual("[DONE]"u8))
                continue;
            using var chunk = JsonDocument.Parse(item.Data);
            foreach (var choice in chunk.RootElement.GetProperty("choices").EnumerateArray())
                choices[choice.GetProperty("index").GetInt32()].Add(choice);
        }

        Assert.True(isDone);
        Assert.Equal(shape.ChunkCount, count);
        for (int i = 0; i < choices.Length; i++)
        {
            var expected = shape.Choices[i];
            Assert.Equal(expected.Text, choices[i].Text);
            Assert.Equal(expected.Reasoning, choices[i].Reasoning);
            Assert.Equal(expected.FinishReason, choices[i].FinishReason);
            Assert.Equal(expected.Calls.Select(call => (call.Id, call.Name)), choices[i].Calls);
            if (expected.Calls is [var only])
            {
                Assert.Equal(only.Arguments, choices[i].Arguments);
                Assert.Equal(only.FragmentCount, choices[i].FragmentCount);
                using var _ = JsonDocument.Parse(only.Arguments);
            }
        }
    }

    // The shapes must be those with which the committed results were measured.
    [Theory]
    [InlineData("tokens", "355329fe54a712a7981d5bb340534d6a204aa56fc29f2ac9c9d1d0526fa7105a")]
    [InlineData("multibyte", "87007289851b5c847f6ce41dd0fe1a9b45b8c47767b06f1c2c7771bc372f0ac6")]
    [InlineData("drips", "67393bccba70a9dfaf2406c803cca00265a18631c5d93f5bf208ef24a4650fd3")]
    [InlineData("keep-alives", "c702bbe79adb9547c3c660f486ca8ddb294ada224aaea82da7b652f63a6599fb")]
    [InlineData("huge-line", "c2dae75131325b6e010c1ab9445df87be89070fa8c803c5f7a1cd434f4762f36")]
    [InlineData("crlf", "49fe75a181341c44fe1d40faee04e5d9d4ea5840188ea5353f051afdf0c4d66c")]
    [InlineData("tool-arguments", "7ac942598bd53eec8af2684502a36c48e229a36526224bdfaf2b0271a3e6b676")]
    [InlineData("interleaved", "67be5bc76e6434e6cf670f0298785ea48efcdd3c6ef532e0bf2038168205606f")]
    [InlineData("reasoning", "54b17fd2f1bb2d9b763261b10456aa89be7ec9bff055d0978b3133ce5aa2091a")]
    [InlineData("obfuscation", "dd76b35b88bbab2e2d05c4fa1514067ca1cb21e4b36d9cc99662d24f3bdc75b7")]
    [InlineData("logprobs", "1cf6d6fdbfd9aa35ce2d9ea88faef3da4ba67c6dd4ebeb31415b5ce4979c6ee5")]
    public void Shape_MadeFromItsSeed_HasTheCommittedBytes(string name, string sha256)
    {
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(TrafficShapes.Get(name).Bytes.Span)));
    }

    [Fact]
    public void Shapes_All_HaveCommittedHash()
    {
        var hashed = typeof(TrafficShapeTests)
            .GetMethod(nameof(Shape_MadeFromItsSeed_HasTheCommittedBytes))!
            .GetCustomAttributesData()
            .Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data =>
                (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)[0].Value!
            );

        Assert.Equal(TrafficShapes.All.Select(shape => shape.Name), hashed);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Shape_WriteEnds_AreAfterBlankLinesAndReachEnd(string name)
    {
        var shape = TrafficShapes.Get(name);
        string end = name == "crlf" ? "\r\n\r\n" : "\n\n";

        Assert.Equal(shape.Bytes.Length, shape.WriteEnds[^1]);
        Assert.Equal(shape.WriteEnds.Order().Distinct(), shape.WriteEnds);
        Assert.All(shape.WriteEnds, offset => Assert.True(shape.Bytes.Span[..offset].EndsWith(Encoding.ASCII.GetBytes(end))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TrafficStream_AllReadPatterns_ReturnsEachByteOnce(string name)
    {
        var shape = TrafficShapes.Get(name);
        byte[] buffer = new byte[10_000];
        HashSet<int> writeEnds = [.. shape.WriteEnds];
        foreach (var reads in ReadPattern.All)
        {
            var stream = new TrafficStream(shape, reads);
            for (int round = 0; round < 2; round++)
            {
                int position = 0;
                while (stream.Read(buffer) is > 0 and int count)
                {
                    Assert.True(reads.Size == 0 ? writeEnds.Contains(position + count) || count == buffer.Length : count <= reads.Size);
                    Assert.True(buffer.AsSpan(0, count).SequenceEqual(shape.Bytes.Span.Slice(position, count)));
                    position += count;
                }
                Assert.Equal(shape.Bytes.Length, position);
                stream.Rewind();
            }
        }
    }

    [Fact]
    public void Tokens_AverageChunk_HasTypicalLength()
    {
        var shape = TrafficShapes.Get("tokens");

        Assert.InRange(shape.Bytes.Length / shape.ChunkCount, 280, 300);
        Assert.Equal(0, shape.CommentCount);
    }

    [Fact]
    public void Multibyte_Deltas_ContainRawTextEscapesAndSplitSurrogates()
    {
        string wire = Encoding.UTF8.GetString(TrafficShapes.Get("multibyte").Bytes.Span);

        Assert.Contains("你好", wire);
        Assert.Contains("🚀", wire);
        Assert.Contains("\\u4f60\\u597d", wire);
        Assert.Contains("\\ud83d\\ude80", wire);
        Assert.Contains("\"content\":\"\\ud83d\"", wire);
        Assert.Contains("\"content\":\"\\ude80", wire);
    }

    [Fact]
    public void KeepAlives_Comments_OutnumberChunks()
    {
        var shape = TrafficShapes.Get("keep-alives");

        Assert.True(shape.CommentCount > shape.ChunkCount);
    }

    [Fact]
    public void HugeLine_OneLine_ExceedsOneMebibyte()
    {
        string wire = Encoding.UTF8.GetString(TrafficShapes.Get("huge-line").Bytes.Span);

        Assert.Single(wire.Split('\n'), line => line.Length > 1 << 20);
    }

    [Fact]
    public void Crlf_LineEnds_AreAllCrlf()
    {
        string wire = Encoding.UTF8.GetString(TrafficShapes.Get("crlf").Bytes.Span);

        Assert.DoesNotContain('\n', wire.Replace("\r\n", ""));
        Assert.DoesNotContain('\r', wire.Replace("\r\n", ""));
    }

    [Fact]
    public void ToolArguments_Fragments_AreSixteenBytesOf64Kibibytes()
    {
        var call = Assert.Single(Assert.Single(TrafficShapes.Get("tool-arguments").Choices).Calls);

        Assert.InRange(call.Arguments.Length, 64 << 10, (64 << 10) + 16);
        Assert.Equal((call.Arguments.Length + 15) / 16, call.FragmentCount);
    }

    [Fact]
    public void Interleaved_Choices_AreTwo()
    {
        Assert.Equal(2, TrafficShapes.Get("interleaved").Choices.Count);
    }

    private sealed class Found
    {
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _reasoning = new();
        private readonly StringBuilder _arguments = new();

        // Pieces are joined as they appear on the wire: half a surrogate pair alone is not text.
        public string Text => Unescape(_text);

        public string Reasoning => Unescape(_reasoning);

        public string Arguments => Unescape(_arguments);

        public List<(string Id, string Name)> Calls { get; } = [];

        public int FragmentCount { get; private set; }

        public string? FinishReason { get; private set; }

        public void Add(JsonElement choice)
        {
            FinishReason = choice.GetProperty("finish_reason").GetString() ?? FinishReason;
            var delta = choice.GetProperty("delta");
            Append(_text, delta, "content");
            Append(_reasoning, delta, "reasoning_content");
            if (!delta.TryGetProperty("tool_calls", out var calls))
                return;
            foreach (var call in calls.EnumerateArray())
            {
                var function = call.GetProperty("function");
                if (call.TryGetProperty("id", out var id))
                    Calls.Add((id.GetString()!, function.GetProperty("name").GetString()!));
                else
                    FragmentCount++;
                Assert.Equal(Calls.Count - 1, call.GetProperty("index").GetInt32());
                Append(_arguments, function, "arguments");
            }
        }

        private static void Append(StringBuilder text, JsonElement parent, string name)
        {
            if (parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                text.Append(value.GetRawText().AsSpan()[1..^1]);
        }

        private static string Unescape(StringBuilder raw) => JsonSerializer.Deserialize<string>($"\"{raw}\"")!;
    }
}
