using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Prediction;
using RawLlm.Tests.Readme;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Responses;

/// <summary>Commentary that a model writes while it works, as distinct from its final answer.</summary>
public sealed class ResponsesPhaseTests
{
    private const string Borscht = """{"title":"Borscht","minutes":90,"ingredients":[],"course":"Main","note":null}""";

    private static readonly ResponsesProtocol Protocol = new();

    private static ChatReply Answer(params (string Text, string? Phase)[] messages)
    {
        var output = messages.Select(
            (message, i) =>
                $$"""{"id":"msg_{{i}}","type":"message","status":"completed","role":"assistant"{{(message.Phase is null ? "" : $",\"phase\":\"{message.Phase}\"")}},"content":[{"type":"output_text","annotations":[],"text":{{JsonSerializer.Serialize(message.Text)}}}]}"""
        );
        return Decoded
            .Whole(
                Protocol,
                Encoding.UTF8.GetBytes(
                    $$"""{"id":"r","object":"response","status":"completed","model":"m","output":[{{string.Join(',', output)}}]}"""
                )
            )
            .Reply;
    }

    [Fact]
    public void Commentary_WithFinalAnswer_IsInTextButNotInFinalText()
    {
        var reply = Answer(("I look it up.", "commentary"), ("Oslo", "final_answer"));

        Assert.Equal(("I look it up.Oslo", "Oslo"), (reply.Text, reply.FinalText));
        Assert.Equal([TextPart.Commentary, TextPart.FinalAnswer], reply.Message.Parts.Cast<TextPart>().Select(part => part.Phase));
    }

    [Theory]
    [InlineData(null, null, "ab")]
    [InlineData("commentary", null, "b")]
    [InlineData(null, "final_answer", "b")]
    [InlineData("commentary", "commentary", "ab")]
    [InlineData("prologue", "commentary", "a")]
    public void FinalText_CommentaryAndOtherText_OmitsCommentary(string? first, string? second, string expected) =>
        Assert.Equal(expected, Answer(("a", first), ("b", second)).FinalText);

    [Theory]
    [InlineData("commentary", "final_answer")]
    [InlineData("commentary", null)]
    public void Read_AnswerWithCommentary_ReadsFinalMessage(string first, string? second) =>
        Assert.Equal(
            ("Borscht", 90),
            Answer(("I think of something with beetroot.", first), (Borscht, second)).Read<Recipe>() is { Value: var recipe }
                ? (recipe.Title, recipe.Minutes)
                : default
        );

    [Fact]
    public void Phases_SentBack_AreKeptOnTheirMessages()
    {
        var reply = Answer(("I look it up.", "commentary"), ("Oslo", "final_answer"));
        var message = Conversation.Read(Conversation.Write([reply.Message]))[0];

        string body = WrittenRequest
            .Of(Protocol, new ChatRequest { Model = "m", Messages = [Message.User("?"), message, Message.User("Go on.")] })
            .Body;

        Assert.Contains(
            """{"type":"message","role":"assistant","id":"msg_0","status":"completed","phase":"commentary","content":[{"type":"output_text","text":"I look it up.","annotations":[]}]},{"type":"message","role":"assistant","id":"msg_1","status":"completed","phase":"final_answer","content":[""",
            body,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void TextEvents_MessageWithPhase_HavePhaseWithAndWithoutPrediction()
    {
        var body = new StringBuilder(
            """data: {"type":"response.output_item.added","output_index":0,"item":{"id":"msg_0","type":"message","status":"in_progress","content":[],"role":"assistant","phase":"commentary"}}"""
        ).Append("\n\n");
        for (int i = 0; i < 40; i++)
        {
            body.Append(
                    $$"""data: {"type":"response.output_text.delta","item_id":"msg_0","output_index":0,"content_index":0,"delta":"t{{i}}","sequence_number":{{i}}}"""
                )
                .Append("\n\n");
        }

        body.Append(
                """data: {"type":"response.output_item.done","output_index":0,"item":{"id":"msg_0","type":"message","status":"completed","content":[],"role":"assistant","phase":"commentary"}}"""
            )
            .Append("\n\n");
        body.Append("""data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}""").Append("\n\n");
        byte[] bytes = Encoding.UTF8.GetBytes(body.ToString());

        string expected = DecodingRun.Describe(Protocol.CreateDecoder(new DecoderOptions { Prediction = false }), bytes, 3);

        Assert.Equal(expected, DecodingRun.Describe(Protocol.CreateDecoder(new DecoderOptions { Prediction = true }), bytes, 3));
        Assert.Equal(
            40,
            expected
                .Split('\n')
                .Count(line =>
                    line.StartsWith("Text 0.0 \"t", StringComparison.Ordinal) && line.Contains("\" commentary | ", StringComparison.Ordinal)
                )
        );
        using var decoder = Protocol.CreateDecoder(new DecoderOptions { Prediction = true });
        decoder.Append(bytes);
        decoder.Complete();
        while (decoder.TryRead())
        {
            Assert.True(
                decoder.Current.Kind != StreamEventKind.Text
                    || decoder.Current is { Phase: "commentary" } && decoder.Current.ToUpdate().Phase == "commentary"
            );
        }

        Assert.True(decoder.PredictedCount > 20);
    }
}
