using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.ChatCompletions;

public sealed class ChatMessageWriterTests
{
    [Fact]
    public void User_OneText_IsWrittenAsString() => AssertMessages("""[{"role":"user","content":"a \"b\""}]""", [Message.User("a \"b\"")]);

    [Fact]
    public void User_SeveralParts_AreWrittenAsArray() =>
        AssertMessages(
            """[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":""}]}]""",
            [Message.User(new TextPart("a"), new TextPart(""))]
        );

    [Fact]
    public void User_NoParts_IsWrittenAsEmptyText() => AssertMessages("""[{"role":"user","content":""}]""", [new Message(Role.User, [])]);

    [Fact]
    public void System_SeveralTexts_AreJoined() =>
        AssertMessages(
            """[{"role":"system","content":"ab"},{"role":"user","content":"u"}]""",
            [new Message(Role.System, [new TextPart("a"), new TextPart("b")]), Message.User("u")]
        );

    [Fact]
    public void Assistant_TextAndRefusal_AreWrittenToSeparateMembers() =>
        AssertMessages(
            """[{"role":"assistant","content":"ab","refusal":"no"},{"role":"assistant","content":null,"refusal":"never"},{"role":"assistant","content":""}]""",
            [
                new Message(Role.Assistant, [new TextPart("a"), new RefusalPart("no"), new TextPart("b")]),
                new Message(Role.Assistant, [new RefusalPart("never")]),
                new Message(Role.Assistant, [new ReasoningPart("hm")]),
            ]
        );

    [Theory]
    [InlineData("", "{}")]
    [InlineData("  \n", "{}")]
    [InlineData("{ \"a\" : 1.0 }", "{ \"a\" : 1.0 }")]
    [InlineData(" {\"ä\":\"\\ud83d\"} ", " {\"ä\":\"\\ud83d\"} ")]
    [InlineData("{\"a\":", """{"INVALID_JSON":"{\"a\":"}""", true)]
    [InlineData("{\"a\":1}}", """{"INVALID_JSON":"{\"a\":1}}"}""", true)]
    [InlineData("[1]", """{"INVALID_JSON":"[1]"}""", true)]
    [InlineData("null", """{"INVALID_JSON":"null"}""", true)]
    [InlineData("\"ä\\n\"", """{"INVALID_JSON":"\"ä\\n\""}""", true)]
    public void ToolCallArguments_ObjectOrOther_AreSentUnchangedOrWrapped(string arguments, string expected, bool isAdapted = false)
    {
        var call = new ToolCallPart(new ToolCall("c", "f", arguments) { IsComplete = !isAdapted });

        var written = WrittenRequest.Of(
            new ChatCompletionsProtocol(),
            new ChatRequest { Messages = [new Message(Role.Assistant, [call])] }
        );

        using var json = System.Text.Json.JsonDocument.Parse(written.Body);
        Assert.Equal(
            expected,
            json.RootElement.GetProperty("messages")[0]
                .GetProperty("tool_calls")[0]
                .GetProperty("function")
                .GetProperty("arguments")
                .GetString()
        );
        Assert.Equal(isAdapted ? [new Quirk(QuirkKind.Adapted, "messages[].tool_calls[].function.arguments")] : [], written.Quirks);
    }

    [Fact]
    public void ToolResults_SeveralInOneMessage_AreSeparateMessages() =>
        AssertMessages(
            """[{"role":"tool","tool_call_id":"c1","content":"one"},{"role":"tool","tool_call_id":"c2","content":"twothree"}]""",
            [
                Message.ToolResults(
                    new ToolResultPart("c1", "one"),
                    new ToolResultPart("c2", [new TextPart("two"), new TextPart("three")]) { IsError = true }
                ),
            ]
        );

    [Fact]
    public void ToolResults_InUserMessage_AreSentBeforeText() =>
        AssertMessages(
            """[{"role":"tool","tool_call_id":"c1","content":"one"},{"role":"user","content":"go on"},{"role":"tool","tool_call_id":"c2","content":"two"}]""",
            [Message.User(new TextPart("go on"), new ToolResultPart("c1", "one")), Message.User([new ToolResultPart("c2", "two")])]
        );

    public static TheoryData<string, Message> MessagesThatCannotBe =>
        new()
        {
            { "TextPart in Tool", new Message(Role.Tool, [new TextPart("x")]) },
            { "ImagePart in System", new Message(Role.System, [new ImagePart(new Uri("https://example.org/a.png"))]) },
            { "ToolCallPart in User", Message.User([new ToolCallPart(new ToolCall("c", "f", "{}"))]) },
            { "ReasoningPart in User", Message.User([new ReasoningPart("x")]) },
            { "ToolResultPart in Assistant", new Message(Role.Assistant, [new ToolResultPart("c", "x")]) },
            { "file address", Message.User([new ImagePart(new Uri("file:///etc/hosts"))]) },
            { "relative address", Message.User([new ImagePart(new Uri("a.png", UriKind.Relative))]) },
            { "file by address", Message.User([new FilePart(new Uri("https://example.org/a.pdf"))]) },
        };

    [Theory]
    [MemberData(nameof(MessagesThatCannotBe))]
    public void Message_NotSupportedByWire_IsRejected(string what, Message message)
    {
        var e = Record.Exception(() => Write([message]));

        Assert.True(e is ArgumentException, $"{what}: {e}");
    }

    [Fact]
    public void ImageUrls_OfAnyForm_AreSentUnchanged() =>
        AssertMessages(
            """
            [{"role":"user","content":[
              {"type":"image_url","image_url":{"url":"HTTPS://Example.org/a b/../c.png?x=%41#f"}},
              {"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lG","detail":"high"}}]}]
            """,
            [
                Message.User(
                    new ImagePart(new Uri("HTTPS://Example.org/a b/../c.png?x=%41#f")),
                    new ImagePart(new Uri("data:image/gif;base64,R0lG")) { Detail = "high" }
                ),
            ]
        );

    [Fact]
    public void Files_WithDataUrl_AreSentAsBytes()
    {
        var written = Write([
            Message.User(
                new FilePart(new Uri("data:application/pdf;base64,AQI=")),
                new FilePart(new Uri("data:audio/wav;base64,AQI=")),
                new FilePart(new Uri("data:image/gif;base64,AQI="))
            ),
        ]);

        JsonAssert.Equal(
            """
            {"messages":[{"role":"user","content":[
              {"type":"file","file":{"filename":"file.pdf","file_data":"data:application/pdf;base64,AQI="}},
              {"type":"input_audio","input_audio":{"data":"AQI=","format":"wav"}},
              {"type":"image_url","image_url":{"url":"data:image/gif;base64,AQI="}}]}]}
            """,
            written.Body
        );
        Assert.Throws<ArgumentException>(() => Write([Message.User(new FilePart(new Uri("data:text/plain,Hi")))]));
        Assert.Throws<ArgumentException>(() => Write([Message.User(new FilePart(new Uri("data:text/plain;base64,H")))]));
    }

    [Fact]
    public void File_ImageUrl_IsSentAsImage() =>
        AssertMessages(
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/cat"}}]}]""",
            [Message.User([new FilePart(new Uri("https://example.org/cat"), "image/webp")])]
        );

    [Fact]
    public void Files_OfEachForm_AreSentAsMatchingParts() =>
        AssertMessages(
            """
            [{"role":"user","content":[
              {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AQI="}},
              {"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,AQI="}},
              {"type":"file","file":{"file_id":"file-1"}},
              {"type":"input_audio","input_audio":{"data":"AQI=","format":"wav"}},
              {"type":"input_audio","input_audio":{"data":"AQI=","format":"mp3"}},
              {"type":"input_audio","input_audio":{"data":"AQI=","format":"flac"}}]}]
            """,
            [
                Message.User(
                    new FilePart(new byte[] { 1, 2 }, "application/pdf", "a.pdf"),
                    new FilePart(new byte[] { 1, 2 }, "text/plain", "a.txt"),
                    new FilePart("file-1"),
                    new FilePart(new byte[] { 1, 2 }, "audio/x-wav"),
                    new FilePart(new byte[] { 1, 2 }, "audio/mpeg"),
                    new FilePart(new byte[] { 1, 2 }, "audio/flac")
                ),
            ]
        );

    [Fact]
    public void Images_Large_AreSentCompletely()
    {
        byte[] bytes = new byte[300_001];
        new Random(1).NextBytes(bytes);

        var written = Write([Message.User(new ImagePart(bytes, "image/png"), new TextPart("?"))]);

        using var json = System.Text.Json.JsonDocument.Parse(written.Body);
        string url = json
            .RootElement.GetProperty("messages")[0]
            .GetProperty("content")[0]
            .GetProperty("image_url")
            .GetProperty("url")
            .GetString()!;
        Assert.Equal("data:image/png;base64," + Convert.ToBase64String(bytes), url);
    }

    [Fact]
    public void WireData_OfThisWire_IsSentBackUnchanged()
    {
        const string Details = """{"reasoning_details":[ {"type":"reasoning.encrypted","data":"a\/b\u0041==","n":1.0} ]}""";
        var message = new Message(
            Role.Assistant,
            [
                new ReasoningPart("hm") { WireData = new WireData("chat-completions", Details) },
                new TextPart("t") { WireData = new WireData("chat-completions", """ { "annotations" : [] } """) },
                new OpaquePart(new WireData("chat-completions", """{"audio":{"id":"audio_1"}}""")),
                new ToolCallPart(new ToolCall("c", "f", "{}"))
                {
                    WireData = new WireData("chat-completions", """{"extra_content":{"google":{"thought_signature":"c2ln\/"}}}"""),
                },
            ]
        );

        var written = Write([message]);

        Assert.Equal(
            """
            {"messages":[{"role":"assistant","content":"t",
            "reasoning_details":[ {"type":"reasoning.encrypted","data":"a\/b\u0041==","n":1.0} ],"annotations" : [],"audio":{"id":"audio_1"},
            "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"c2ln\/"}}}]}]}
            """.ReplaceLineEndings(""),
            written.Body
        );
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void WireData_InUserMessage_IsWrittenIntoItsPart() =>
        AssertMessages(
            """
            [{"role":"user","content":[{"type":"text","text":"long","cache_control":{"type":"ephemeral"}}]},
             {"role":"user","content":[{"type":"video_url","video_url":{"url":"https://example.org/a.mp4"}}]}]
            """,
            [
                Message.User([
                    new TextPart("long") { WireData = new WireData("chat-completions", """{"cache_control":{"type":"ephemeral"}}""") },
                ]),
                Message.User([
                    new OpaquePart(
                        new WireData("chat-completions", """{"type":"video_url","video_url":{"url":"https://example.org/a.mp4"}}""")
                    ),
                ]),
            ]
        );

    [Fact]
    public void WireData_OfOtherWire_IsOmittedAndRecordsQuirks()
    {
        var foreign = new WireData("anthropic", """{"signature":"c2ln"}""");
        var written = Write([
            Message.User(new TextPart("u") { WireData = foreign }, new OpaquePart(foreign)),
            new Message(
                Role.Assistant,
                [
                    new ReasoningPart("hm") { WireData = foreign },
                    new OpaquePart(foreign),
                    new TextPart("t"),
                    new ToolCallPart(new ToolCall("c", "f", "{}")) { WireData = foreign },
                ]
            ),
        ]);

        JsonAssert.Equal(
            """
            {"messages":[
              {"role":"user","content":[{"type":"text","text":"u"}]},
              {"role":"assistant","content":"t","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}]}
            """,
            written.Body
        );
        Assert.Equal(
            [
                "LeftOut at messages[].content[]",
                "LeftOut at messages[].reasoning",
                "LeftOut at messages[].content",
                "LeftOut at messages[].tool_calls[]",
            ],
            written.Quirks.Select(quirk => quirk.ToString())
        );
    }

    [Fact]
    public void WireData_NotAnObject_IsOmitted()
    {
        var written = Write([new Message(Role.Assistant, [new TextPart("t") { WireData = new WireData("chat-completions", "[1]") }])]);

        JsonAssert.Equal("""{"messages":[{"role":"assistant","content":"t"}]}""", written.Body);
        Assert.Equal(QuirkKind.LeftOut, Assert.Single(written.Quirks).Kind);
    }

    [Fact]
    public void Assistant_WithImage_IsOmittedAndRecordsQuirk()
    {
        var written = Write([new Message(Role.Assistant, [new TextPart("t"), new ImagePart(new byte[] { 1 }, "image/png")])]);

        JsonAssert.Equal("""{"messages":[{"role":"assistant","content":"t"}]}""", written.Body);
        Assert.Equal(new Quirk(QuirkKind.LeftOut, "messages[].content"), Assert.Single(written.Quirks));
    }

    [Fact]
    public void File_ImageBytes_IsSentAsImage() =>
        AssertMessages(
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/webp;base64,AQID"}}]}]""",
            [Message.User([new FilePart(new byte[] { 1, 2, 3 }, "image/webp", "a.webp")])]
        );

    [Fact]
    public void File_WithoutName_IsSentWithDefaultNameAndRecordsQuirk()
    {
        var written = Write([Message.User([new FilePart(new byte[] { 1, 2 }, "application/pdf")])]);

        JsonAssert.Equal(
            """{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"file.pdf","file_data":"data:application/pdf;base64,AQI="}}]}]}""",
            written.Body
        );
        Assert.Equal(new Quirk(QuirkKind.Adapted, "messages[].content[].file.filename"), Assert.Single(written.Quirks));
    }

    private static void AssertMessages(string expected, IReadOnlyList<Message> messages)
    {
        var written = Write(messages);
        JsonAssert.Equal($$"""{"messages":{{expected}}}""", written.Body);
        Assert.Empty(written.Quirks);
    }

    private static WrittenRequest Write(IReadOnlyList<Message> messages) =>
        WrittenRequest.Of(new ChatCompletionsProtocol(), new ChatRequest { Messages = messages });
}
