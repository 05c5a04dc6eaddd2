using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.ChatCompletions;

/// <summary>Reasoning in the text of an answer, between tags.</summary>
public sealed class ReasoningTagsTests
{
    private static ChatCompletionsProtocol Think { get; } = new() { ReasoningTag = "think" };

    // The body of a JSON string, then the reasoning and the text in it.
    public static TheoryData<string, string, string> Contents =>
        new()
        {
            { """<think>First.</think>Then.""", "First.", "Then." },
            { """\n <think>\nFirst.\n</think>\n\nThen.""", "\nFirst.\n", "\n\nThen." },
            { """\u003cthink\u003eFirst\u003C\/think\u003EThen""", "First", "Then" },
            { """<think>one</think><think> two</think>Then <think>no</think>""", "one two", "Then <think>no</think>" },
            { """<think>a < b, </thin, \\</think>c""", "a < b, </thin, \\", "c" },
            { """<think>\ud83d\ude00</think>\ud83d\ude01""", "😀", "😁" },
            { """<thinking>no tag</thinking>""", "", "<thinking>no tag</thinking>" },
            { """Text <think>behind</think>""", "", "Text <think>behind</think>" },
            { """<think>never closed</th""", "never closed</th", "" },
            { """ <thi""", "", " <thi" },
            { """<think></think>""", "", "" },
        };

    [Theory]
    [MemberData(nameof(Contents))]
    public void Content_SplitAtAnyPosition_IsSeparatedIntoReasoningAndText(string content, string thoughts, string text)
    {
        Assert.Equal((thoughts, text), Read(Think, Whole(content)));
        foreach (int size in (int[])[1, 2, 3, 7, 100])
            Assert.Equal((thoughts, text), Read(Think, Stream(Cut(content, size))));
    }

    [Fact]
    public void Content_ReasoningTagNotSet_IsAllText() =>
        Assert.Equal(("", "<think>First.</think>Then."), Read(new(), Stream(["<think>First.</think>Then."])));

    [Fact]
    public void Text_AfterReasoning_IsPredictedAgain()
    {
        using var decoder = Think.CreateDecoder(new DecoderOptions { Prediction = true });
        decoder.Append(Encoding.UTF8.GetBytes(Stream(["<think>", "x", "</think>", .. Enumerable.Repeat("word ", 40)])));
        while (decoder.TryRead()) { }

        Assert.InRange(decoder.PredictedCount, 36, 40);
    }

    [Fact]
    public void WhiteSpace_LongBeforeTag_IsReturnedAsText()
    {
        var (thoughts, text) = Read(Think, Stream([.. Enumerable.Repeat(" ", 100), "<think>x</think>"]));

        Assert.Equal(("", new string(' ', 100) + "<think>x</think>"), (thoughts, text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<think>")]
    [InlineData("a b")]
    public void ReasoningTag_InvalidName_IsRejected(string name) =>
        Assert.Throws<ArgumentException>(() => new ChatCompletionsProtocol { ReasoningTag = name });

    // MiniMax M3 through gateways (2026).
    [Fact]
    public void Reasoning_BetweenTagsAndInSeparateMember_IsReturnedOnce()
    {
        string[] deltas =
        [
            """{"content":"<think>The user","reasoning_content":"The user"}""",
            """{"content":" asks","reasoning_content":" asks"}""",
            """{"content":".</think>Hi","reasoning_content":"."}""",
            """{"content":" there"}""",
        ];
        string body =
            string.Concat(deltas.Select(delta => $$"""data: {"choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""" + "\n\n"))
            + Stream([]);

        Assert.Equal(("The user asks.", "Hi there"), Read(Think, body));
        Assert.Equal(
            ("Own.", "Then."),
            Read(
                Think,
                """{"choices":[{"index":0,"message":{"role":"assistant","content":"<think>Own.</think>Then.","reasoning":"Own."},"finish_reason":"stop"}]}"""
            )
        );
    }

    [Theory]
    [InlineData("<think>Own.</think>Then.", "Own.", true)]
    [InlineData("\\u003cthink\\u003eOwn.</think>Then.", "Own.", true)]
    [InlineData("<think>Own.</think>Then.", "", false)]
    [InlineData("Write <think>.", "Own.", false)]
    public void Reasoning_RepeatedInTextAndReasoningTagNotSet_StaysInTextAndRecordsQuirk(string content, string own, bool isQuirk)
    {
        var reply = Decoded
            .Whole(
                new ChatCompletionsProtocol(),
                Encoding.UTF8.GetBytes(
                    $$$"""{"choices":[{"index":0,"message":{"role":"assistant","content":"{{{content}}}","reasoning_content":"{{{own}}}"},"finish_reason":"stop"}]}"""
                )
            )
            .Reply;

        Assert.Equal(
            (own, content.Replace("\\u003c", "<", StringComparison.Ordinal).Replace("\\u003e", ">", StringComparison.Ordinal)),
            (reply.Reasoning, reply.Text)
        );
        Assert.Equal(isQuirk ? ["ReasoningRepeated at choices[].delta.content"] : [], reply.Quirks.Select(quirk => quirk.ToString()));
    }

    // AWS (2025) puts each piece of gpt-oss reasoning between its own tags.
    [Fact]
    public void BedrockCompatible_ReasoningTagsOfGptOss_AreReadAsReasoning()
    {
        var protocol = (ChatCompletionsProtocol)Providers.BedrockCompatible.Protocol;

        Assert.Equal(
            ("The user asks. ", "Relativity."),
            Read(protocol, Stream(["<reasoning>The user</reasoning>", "<reasoning> asks. </reasoning>", "Rela", "tivity."]))
        );
    }

    private static (string Thoughts, string Text) Read(ChatCompletionsProtocol protocol, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        var decoded = body[0] == '{' ? Decoded.Whole(protocol, bytes) : Decoded.Stream(protocol, bytes);
        Assert.Null(decoded.Error);
        Assert.Empty(decoded.Reply.Quirks);
        return (decoded.Reply.Reasoning, decoded.Reply.Text);
    }

    private static string Whole(string content) =>
        $$$"""{"choices":[{"index":0,"message":{"role":"assistant","content":"{{{content}}}"},"finish_reason":"stop"}]}""";

    private static string Stream(IEnumerable<string> pieces) =>
        string.Concat([
            .. pieces.Select(piece =>
                $$$"""data: {"choices":[{"index":0,"delta":{"content":"{{{piece}}}"},"finish_reason":null}]}""" + "\n\n"
            ),
            """data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n",
            "data: [DONE]\n\n",
        ]);

    // Cuts between whole escapes, as services do.
    private static IEnumerable<string> Cut(string content, int size)
    {
        var piece = new StringBuilder();
        int count = 0;
        for (int i = 0; i < content.Length; )
        {
            int length =
                content[i] != '\\' ? 1
                : content[i + 1] == 'u' ? 6
                : 2;
            piece.Append(content, i, length);
            i += length;
            if (++count % size == 0 || i == content.Length)
            {
                yield return piece.ToString();
                piece.Clear();
            }
        }
    }
}
