using System.Text.Json;
using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI.Tests.Support;
using RawLlm.Tests.Support;

namespace RawLlm.Extensions.AI.Tests;

/// <summary>How a caller's own messages are mapped.</summary>
public sealed class MessagesTests
{
    private static readonly byte[] Png = [0x89, 0x50, 0x4E, 0x47];

    [Fact]
    public void Contents_OfUser_BecomeParts()
    {
        var message = new ChatMessage(
            ChatRole.User,
            [
                new TextContent("Look:"),
                new DataContent(Png, "image/png") { AdditionalProperties = new() { ["detail"] = "low" } },
                new UriContent("https://example.org/cat.jpg", "image/*"),
                new DataContent("data:application/pdf;base64,AAEC", "application/pdf") { Name = "a.pdf" },
                new UriContent("https://example.org/a.pdf", "application/pdf"),
                new HostedFileContent("file-1"),
                new UsageContent(new()),
                new HostedFileContent("file-2") { MediaType = "image/png" },
            ]
        )
        {
            AuthorName = "Ann Lee",
        };

        var read = Read(message, out var notes);

        Assert.Equal(Role.User, read.Role);
        Assert.Equal("Ann_Lee", read.Name);
        Assert.Equal([new Quirk(QuirkKind.Adapted, "messages[0].AuthorName")], notes);
        Assert.Equal(new TextPart("Look:"), read.Parts[0]);
        Assert.Equal(("image/png", "low"), (((ImagePart)read.Parts[1]).MediaType, ((ImagePart)read.Parts[1]).Detail));
        Assert.Equal(Png, ((ImagePart)read.Parts[1]).Data.ToArray());
        Assert.Equal(new Uri("https://example.org/cat.jpg"), ((ImagePart)read.Parts[2]).Url);
        Assert.Equal(("application/pdf", "a.pdf"), (((FilePart)read.Parts[3]).MediaType, ((FilePart)read.Parts[3]).Name));
        Assert.Equal([0, 1, 2], ((FilePart)read.Parts[3]).Data.ToArray());
        Assert.Equal(
            (new Uri("https://example.org/a.pdf"), "application/pdf"),
            (((FilePart)read.Parts[4]).Url, ((FilePart)read.Parts[4]).MediaType)
        );
        Assert.Null(((ImagePart)read.Parts[2]).MediaType);
        Assert.Equal("file-1", ((FilePart)read.Parts[5]).FileId);
        Assert.Null(((FilePart)read.Parts[5]).MediaType);
        Assert.Equal(("file-2", "image/png"), (((FilePart)read.Parts[6]).FileId, ((FilePart)read.Parts[6]).MediaType));
        Assert.Equal("image/png", Assert.IsType<HostedFileContent>(AnswerContents.Write(read.Parts[6])).MediaType);
        Assert.Equal(7, read.Parts.Count);
    }

    [Fact]
    public void Message_ReadAgain_IsSameObjectUntilChanged()
    {
        var message = new ChatMessage(ChatRole.User, "Hi");

        var first = Read(message, out _);

        Assert.Same(first, Read(message, out _));
        message.Contents.Add(new TextContent("there"));
        Assert.Equal("Hithere", Read(message, out _).Text);
    }

    [Fact]
    public void RawRepresentation_IsPart_IsSentIfTextMatches()
    {
        var own = new TextPart("A manual") { Cache = PromptCache.OneHour };

        Assert.Same(own, Read(new(ChatRole.User, [new TextContent("A manual") { RawRepresentation = own }]), out _).Parts[0]);
        Assert.Null(Read(new(ChatRole.User, [new TextContent("Another") { RawRepresentation = own }]), out _).Parts[0].Cache);
        var opaque = new OpaquePart(new WireData("anthropic", "{}"));
        Assert.Same(opaque, Read(new(ChatRole.User, [new AIContent { RawRepresentation = opaque }]), out _).Parts[0]);
    }

    [Fact]
    public void FunctionResults_OfEveryKind_BecomeTextAndParts()
    {
        var call = new ChatMessage(
            ChatRole.Assistant,
            [
                new FunctionCallContent(
                    "a",
                    "f",
                    new Dictionary<string, object?>
                    {
                        ["x"] = 1,
                        ["y"] = "Zürich",
                        ["z"] = null,
                    }
                ),
            ]
        );
        var results = new ChatMessage(
            ChatRole.Tool,
            [
                new FunctionResultContent("a", "text"),
                new FunctionResultContent("b", JsonElement.Parse("\"text\"")),
                new FunctionResultContent("c", JsonElement.Parse("{\n  \"n\": 1\n}")),
                new FunctionResultContent("d", new Dictionary<string, object?> { ["n"] = 2.5 }),
                new FunctionResultContent("e", null),
                new FunctionResultContent("f", null) { Exception = new InvalidOperationException("secret") },
                new FunctionResultContent("g", new List<AIContent> { new TextContent("see"), new DataContent(Png, "image/png") }),
            ]
        );

        var read = MessageReader.Read([call, results], AIJsonUtilities.DefaultOptions, []);

        Assert.Equal(new ToolCall("a", "f", """{"x":1,"y":"Zürich","z":null}"""), ((ToolCallPart)read[0].Parts[0]).Call);
        var parts = read[1].Parts.Cast<ToolResultPart>().ToList();
        Assert.Equal(["text", "text", "{\"n\":1}", "{\"n\":2.5}", "", "The tool failed.", "see"], parts.Select(part => part.Text));
        Assert.Equal("f", parts[0].Name);
        Assert.Equal([false, false, false, false, false, true, false], parts.Select(part => part.IsError));
        Assert.IsType<ImagePart>(parts[6].Content[1]);
        Assert.Equal(Role.Tool, read[1].Role);
    }

    [Fact]
    public void FunctionResult_NotSerializable_IsRejectedWithHint()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            Read(new(ChatRole.Tool, [new FunctionResultContent("a", (Action)(() => { }))]), out _)
        );

        Assert.Contains("The result of the function 'a' is a Action", error.Message, StringComparison.Ordinal);
        Assert.Contains("LlmAdapterOptions.SerializerOptions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FunctionResult_ContentsAreNeitherTextNorMedia_IsSentAsJson()
    {
        var read = Read(
            new(
                ChatRole.Tool,
                [
                    new FunctionResultContent("a", new ErrorContent("No such city") { ErrorCode = "404" }),
                    new FunctionResultContent("b", new List<AIContent> { new TextContent("see"), new ErrorContent("torn") }),
                ]
            ),
            out _
        );

        var parts = read.Parts.Cast<ToolResultPart>().ToList();
        Assert.Equal("""{"message":"No such city","errorCode":"404"}""", parts[0].Text);
        Assert.Equal(["see", """{"message":"torn"}"""], parts[1].Content.Select(part => ((TextPart)part).Text));
    }

    [Fact]
    public void UnsupportedContents_ByRole_AreRejectedForUserAndOmittedForAssistant()
    {
        var foreign = new AIContent();
        Assert.Contains(
            "messages[0].contents[0] is a AIContent",
            Assert.Throws<ArgumentException>(() => Read(new(ChatRole.User, [foreign]), out _)).Message,
            StringComparison.Ordinal
        );

        var read = Read(
            new(
                ChatRole.Assistant,
                [foreign, new TextReasoningContent("thoughts") { ProtectedData = "another service's" }, new TextContent("Hi")]
            ),
            out var notes
        );

        Assert.Equal([new ReasoningPart("thoughts"), new TextPart("Hi")], read.Parts);
        Assert.Equal(
            [
                new Quirk(QuirkKind.LeftOut, "messages[0].contents[0]"),
                new Quirk(QuirkKind.LeftOut, "messages[0].contents[1].ProtectedData"),
            ],
            notes
        );
    }

    [Fact]
    public void Roles_KnownAndUnknown_AreMappedOrRejected()
    {
        Assert.Equal(Role.System, Read(new(ChatRole.System, "x"), out _).Role);
        Assert.Equal(Role.System, Read(new(new ChatRole("developer"), "x"), out _).Role);
        Assert.Equal(Role.Tool, Read(new(ChatRole.User, [new FunctionResultContent("a", "x")]), out _).Role);
        Assert.Contains(
            "'narrator'",
            Assert.Throws<ArgumentException>(() => Read(new(new ChatRole("narrator"), "x"), out _)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Text_EditedAfterStorage_LosesWireData()
    {
        var part = new TextPart("Signed") { WireData = new WireData("gemini", """{"thoughtSignature":"c2ln"}""") };
        var thoughts = new ReasoningPart("Signed") { WireData = new WireData("anthropic", """{"signature":"c2ln"}""") };
        var stored = Stored.AsJson(new(ChatRole.Assistant, [AnswerContents.Write(part), AnswerContents.Write(thoughts)]));
        Assert.Equal([part, thoughts], Read(stored, out _).Parts);

        ((TextContent)stored.Contents[0]).Text = "Edited";
        ((TextReasoningContent)stored.Contents[1]).Text = "Edited thoughts";
        var read = Read(stored, out var notes);

        Assert.Equal([new TextPart("Edited"), new ReasoningPart("Edited thoughts")], read.Parts);
        Assert.Equal(
            [
                new Quirk(QuirkKind.LeftOut, "messages[0].contents[0].AdditionalProperties[rawllm.part]"),
                new Quirk(QuirkKind.LeftOut, "messages[0].contents[1].ProtectedData"),
            ],
            notes
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("Signed")]
    public void TextMark_AddedInPieces_EqualsMarkOfCompleteText(string text)
    {
        var mark = new TextMark();
        foreach (char unit in text)
            mark.Add(unit.ToString());

        Assert.Equal(TextMark.Of(text), mark.ToString());
        Assert.NotEqual(TextMark.Of(text + "x"), mark.ToString());
    }

    [Fact]
    public void WireData_OfReasoningWithoutText_IsKept()
    {
        var part = new ReasoningPart("") { WireData = new WireData("anthropic", """{"signature":"c2ln"}""") };

        Assert.Equal([part], Read(Stored.AsJson(new(ChatRole.Assistant, [AnswerContents.Write(part)])), out _).Parts);
    }

    [Fact]
    public void ToolCall_ArgumentsEdited_IsSentBackEdited()
    {
        var part = new ToolCallPart(new ToolCall("a", "f", "{\"x\": 1}"))
        {
            WireData = new WireData("gemini", """{"thoughtSignature":"c2ln"}"""),
        };
        var content = (FunctionCallContent)AnswerContents.Write(part);
        Assert.Same(part, Read(new(ChatRole.Assistant, [content]), out _).Parts[0]);

        content.Arguments!["x"] = 2;
        var read = (ToolCallPart)Read(new(ChatRole.Assistant, [content]), out _).Parts[0];

        Assert.Equal("{\"x\":2}", read.Call.Arguments);
        Assert.Equal(part.WireData, read.WireData);
    }

    [Fact]
    public void ToolCall_Truncated_IsInformationalAndIsSentBackOnlyWithResult()
    {
        var part = new ToolCallPart(new ToolCall("a", "f", "{\"x\":") { IsComplete = false });
        var content = (FunctionCallContent)AnswerContents.Write(part);
        Assert.True(content.InformationalOnly);
        Assert.Null(content.Arguments);
        Assert.NotNull(content.Exception);
        var message = Stored.AsJson(new(ChatRole.Assistant, [new TextContent("Let me see."), content]));

        Assert.Equal([new TextPart("Let me see.")], Read(message, out var notes).Parts);
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "messages[0].contents[1]")], notes);
        var answered = MessageReader.Read(
            [message, new(ChatRole.Tool, [new FunctionResultContent("a", "The call was cut off.")])],
            AIJsonUtilities.DefaultOptions,
            notes
        );
        Assert.Equal(part, answered[0].Parts[1]);
    }

    private static Message Read(ChatMessage message, out List<Quirk> notes)
    {
        notes = [];
        return Assert.Single(MessageReader.Read([message], AIJsonUtilities.DefaultOptions, notes));
    }
}
