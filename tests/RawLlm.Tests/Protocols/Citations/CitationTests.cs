using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

/// <summary>Citations of an answer: their place in its text, each given once, within limits, and in the next turn.</summary>
public sealed class CitationTests
{
    [Theory]
    [InlineData("It rains. (https://a.example/)", 10, 30, 10, 30)]
    [InlineData("Es schneit — (https://a.example/)", 13, 33, 13, 33)]
    // After an emoji, what the wire calls a character may be one of two things: the URL shows which.
    [InlineData("🌧 rains. (https://a.example/)", 9, 29, 10, 30)]
    [InlineData("🌧 rains. (https://a.example/)", 10, 30, 10, 30)]
    [InlineData("🌧🌧 rains (see https://a.example/ there)", 14, 32, 16, 34)]
    [InlineData("🌧 https://a.example/ and more words", 0, 24, null, null)]
    [InlineData("🌧 rains.", 2, 7, null, null)]
    [InlineData("It rains.", 0, 0, null, null)]
    [InlineData("It rains.", 5, 3, null, null)]
    [InlineData("It rains.", 3, 10, null, null)]
    [InlineData("It rains.", 3, 2147483647, null, null)]
    [InlineData("🌧", 0, 9, null, null)]
    public void Annotation_CharacterOffsets_MatchTextOrAreNull(string text, int start, int end, int? from, int? to)
    {
        string annotation =
            $$"""{"type":"url_citation","url":"https://a.example/","title":"Weather","start_index":{{start}},"end_index":{{end}}}""";
        string inner = annotation.Replace("\"type\":\"url_citation\",", "", StringComparison.Ordinal);
        var responses = Whole(new ResponsesProtocol(), Response(text, annotation));
        var chat = Whole(new ChatCompletionsProtocol(), Completion(text, $$"""{"type":"url_citation","url_citation":{{inner}}}"""));

        foreach (var reply in (ChatReply[])[responses, chat])
        {
            var citation = Assert.Single(reply.Citations);
            Assert.Equal((0, from, to), (citation.PartIndex, citation.Start, citation.End));
            Assert.Equal(("https://a.example/", "Weather"), (citation.Url, citation.Title));
        }
    }

    [Theory]
    [InlineData("Matz did.", 0, 4, "Matz", 0, 4)]
    // Whole characters, or UTF-16 units: the passage shows which.
    [InlineData("😀 Matz", 2, 6, "Matz", 3, 7)]
    [InlineData("😀 Matz", 3, 7, "Matz", 3, 7)]
    [InlineData("😀 Matz", 1, 5, "Matz", null, null)]
    public void Passage_WithSeveralSources_ReturnsOneCitationPerSource(string text, int start, int end, string passage, int? from, int? to)
    {
        string cited =
            $$$"""{"start":{{{start}}},"end":{{{end}}},"text":"{{{passage}}}","sources":[{"type":"document","id":"d","document":{"title":"D","snippet":"By Matz."}},{"type":"tool","id":"t","tool_output":{"url":"https://b.example/"}}]}""";
        var reply = Whole(
            new ChatCompletionsProtocol(),
            $$$"""{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}","citations":[{{{cited}}},{{{cited}}}]},"finish_reason":"stop"}]}"""
        );

        Assert.Equal(
            [("d", "D", "By Matz.", null), ("t", null, null, "https://b.example/")],
            reply.Citations.Select(citation => (citation.FileId, citation.Title, citation.CitedText, citation.Url))
        );
        Assert.All(
            reply.Citations,
            citation => Assert.Equal((0, from, to, cited), (citation.PartIndex, citation.Start, citation.End, citation.Json.ToString()))
        );
    }

    [Theory]
    [InlineData("""{"url":"https://a.example/","sources":[]}""")]
    [InlineData("""{"sources":[null,[]],"url":"https://a.example/"}""")]
    [InlineData("""{"sources":"web","url":"https://a.example/"}""")]
    public void Passage_WithoutSources_ReturnsOneCitation(string cited)
    {
        var reply = Whole(
            new ChatCompletionsProtocol(),
            $$$"""{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","citations":[{{{cited}}}]},"finish_reason":"stop"}]}"""
        );
        Assert.Equal("https://a.example/", Assert.Single(reply.Citations).Url);
    }

    [Fact]
    public async Task Stream_Truncated_PartialContainsReceivedCitations()
    {
        (WireProtocol, string)[] streams =
        [
            (
                new ChatCompletionsProtocol(),
                """data: {"choices":[{"index":0,"delta":{"content":"Hi","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/","start_index":0,"end_index":2}}]}}],"citations":["https://b.example/"]}"""
                    + "\n\n"
            ),
            (
                new ResponsesProtocol(),
                """data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"m","delta":"Hi"}"""
                    + "\n\n"
                    + """data: {"type":"response.output_text.annotation.added","output_index":0,"content_index":0,"item_id":"m","annotation":{"url":"https://a.example/","start_index":0,"end_index":2}}"""
                    + "\n\n"
            ),
        ];
        foreach (var (protocol, body) in streams)
        {
            await using var stream = new ChatStream(new MemoryStream(Encoding.UTF8.GetBytes(body)), protocol.CreateDecoder());
            var failure = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());

            Assert.Equal(LlmErrorKind.StreamTruncated, failure.Kind);
            Assert.Equal("Hi", failure.Partial!.Text);
            Assert.Equal(
                (0, 0, 2, "https://a.example/"),
                (
                    failure.Partial.Citations[0].PartIndex,
                    failure.Partial.Citations[0].Start,
                    failure.Partial.Citations[0].End,
                    failure.Partial.Citations[0].Url
                )
            );
            Assert.Equal(protocol is ChatCompletionsProtocol ? 2 : 1, failure.Partial.Citations.Count);
        }
    }

    [Fact]
    public void Stream_TruncatedBeforeText_ReturnsNoCitations()
    {
        (WireProtocol, string)[] streams =
        [
            (
                new ChatCompletionsProtocol(),
                """data: {"choices":[{"index":0,"delta":{"annotations":[{"url":"https://a.example/"}],"context":{"citations":[{"url":"https://c.example/"}]}}}],"citations":["https://b.example/"]}"""
                    + "\n\n"
            ),
            (
                new ResponsesProtocol(),
                """data: {"type":"response.output_text.annotation.added","output_index":0,"content_index":0,"item_id":"m","annotation":{"url":"https://a.example/"}}"""
                    + "\n\n"
            ),
        ];
        foreach (var (protocol, body) in streams)
        {
            using var decoder = protocol.CreateDecoder();
            Write(decoder, body);
            decoder.Complete();
            var failure = Assert.Throws<LlmException>(() =>
            {
                while (decoder.TryRead())
                    Assert.Equal(StreamEventKind.Connected, decoder.Current.Kind);
            });
            Assert.Equal(LlmErrorKind.StreamTruncated, failure.Kind);
        }
    }

    [Theory]
    [InlineData("""{"text":"wörd ","index":0,"logprobs":null,"finish_reason":null}""")]
    [InlineData("""{"index":0,"delta":{"content":""},"text":"wörd ","finish_reason":null}""")]
    public void PlainCompletionChunks_WithText_ArePredicted(string choice)
    {
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(
                i == 0 ? 2 : 1,
                Feed(decoder, Encoding.UTF8.GetBytes($$"""data: {"id":"c","model":"m","choices":[{{choice}}]}""" + "\n\n"))
            );
        }

        Assert.True(decoder.PredictedCount > 80, $"{decoder.PredictedCount} predicted");
    }

    [Theory]
    [InlineData(0, 18, "Weather — sunny.", "Weather — sunny.", 1)]
    [InlineData(19, 31, "Mild 🌞 to", "Mild 🌞 to", 1)]
    // In the middle of a character, and a passage other than the one that the service names.
    [InlineData(0, 9, null, null, 2)]
    [InlineData(0, 18, "Weather", null, 2)]
    // In the second text, with offsets that continue from the first, and with an offset in its own part.
    [InlineData(32, 36, "Rain", "Rain", 2)]
    [InlineData(0, 4, "Rain", "Rain", 2)]
    // Across both.
    [InlineData(30, 34, null, null, 2)]
    [InlineData(30, 4000, null, null, 2)]
    public void Grounding_ByteOffsets_MatchTextOrAreNull(int start, int end, string? passage, string? expected, int part)
    {
        string text = passage is null ? "" : $",\"text\":{JsonValue.Create(passage)!.ToJsonString()}";
        var reply = Whole(
            new GeminiProtocol(),
            $$$"""
            {"candidates":[{"content":{"parts":[{"text":"Hm — so.","thought":true},{"text":"Weather — "},{"text":"sunny. Mild 🌞 too"},{"executableCode":{"code":"1"}},{"text":"Rain"}]},"finishReason":"STOP",
            "groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.example/"}}],"groundingSupports":[{"segment":{"startIndex":{{{start}}},"endIndex":{{{end}}}{{{text}}}},"groundingChunkIndices":[0]}]}}]}
            """
        );

        var citation = Assert.Single(reply.Citations);
        Assert.Equal(part == 2 ? 3 : part, citation.PartIndex);
        string? found = citation is { Start: { } from, End: { } to }
            ? ((TextPart)reply.Message.Parts[citation.PartIndex!.Value]).Text[from..to]
            : null;
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Citation_OfTextBlock_CoversItsCompleteText()
    {
        var reply = Whole(
            new AnthropicProtocol(),
            """
            {"type":"message","model":"m","content":[{"type":"text","text":"So: "},{"type":"text","text":"it 🌧.","citations":[{"type":"char_location","cited_text":"rain","document_index":1,"document_title":"D","start_char_index":7,"end_char_index":11}]}],"stop_reason":"end_turn"}
            """
        );

        var citation = Assert.Single(reply.Citations);
        Assert.Equal((1, 0, 6), (citation.PartIndex, citation.Start, citation.End));
        Assert.Equal(("rain", "D", 1), (citation.CitedText, citation.Title, citation.DocumentIndex));
        Assert.Null(citation.Url);
        Assert.Equal("D", citation.ToString());
    }

    [Fact]
    public void Citation_PartIsMissingOrTooShort_HasNoOffsets()
    {
        var builder = new ReplyBuilder();
        var said = new Citation("""{"url":"u"}""")
        {
            Url = "u",
            Start = 1,
            End = 3,
        };
        builder.Add(new StreamEvent(StreamEventKind.Text, index: 4, utf8: "words"u8));
        builder.Add(new StreamEvent(StreamEventKind.Citation, index: 5) { Citation = said });
        builder.Add(new StreamEvent(StreamEventKind.Citation, index: 4) { Citation = said });
        builder.Add(new StreamEvent(StreamEventKind.Citation, index: 4) { Citation = said with { End = 6 } });
        builder.Add(new StreamEvent(StreamEventKind.Citation, index: 4));

        var citations = builder.Build().Citations;
        Assert.Equal(
            [(null, null, null), (0, 1, 3), (0, null, null)],
            citations.Select(citation => (citation.PartIndex, citation.Start, citation.End))
        );
    }

    [Fact]
    public void CitationEvent_FromStream_ContainsCitationAndFrame()
    {
        using var decoder = new ChatCompletionsProtocol().CreateDecoder();
        Write(
            decoder,
            """data: {"choices":[{"index":0,"delta":{"content":"Hi","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/"}}]},"finish_reason":"stop"}]}"""
                + "\n\ndata: [DONE]\n\n"
        );
        while (decoder.TryRead() && decoder.Current.Kind != StreamEventKind.Citation)
            Assert.Null(decoder.Current.Citation);

        Assert.Equal("[DONE]", Encoding.UTF8.GetString(decoder.Current.Frame));
        var update = decoder.Current.ToUpdate();
        Assert.Equal("https://a.example/", update.Citation!.Url);
        Assert.Equal(update.Citation.Json.ToString(), update.Text);
        Assert.True(decoder.TryRead());
        Assert.Null(decoder.Current.Citation);
        Assert.Equal(StreamEventKind.Stop, decoder.Current.Kind);
    }

    [Fact]
    public void Annotations_InNextTurn_AreSentBackWithText()
    {
        var protocol = new ResponsesProtocol();
        string[] annotations =
        [
            """{ "type":"url_citation","url":"https:\/\/a.example\/","start_index":0,"end_index":3 }""",
            """{"type":"file_citation","file_id":"f","index":1}""",
            """{"type":"url_citation","url":"https://c.example/"}""",
        ];
        string item =
            $$"""{"id":"msg_1","type":"message","status":"completed","role":"assistant","phase":"final_answer","content":[{"type":"output_text","annotations":[{{annotations[0]}},{{annotations[1]}}],"text":"One"},{"type":"output_text","annotations":[],"text":"two"},{"type":"output_text","annotations":[{{annotations[2]}}],"text":"three"}]}""";
        var reply = Whole(protocol, $$"""{"id":"r","object":"response","status":"completed","model":"m","output":[{{item}}]}""");
        // Stored, and continued.
        var said = Conversation.Read(Conversation.Write([reply.Message]))[0];

        var written = WrittenRequest.Of(protocol, new ChatRequest { Messages = [Message.User("?"), said, Message.User("Go on.")] });

        Assert.Contains(
            $$"""{"type":"message","role":"assistant","id":"msg_1","status":"completed","phase":"final_answer","content":[{"type":"output_text","text":"One","annotations":[{{annotations[0]}},{{annotations[1]}}]},{"type":"output_text","text":"two","annotations":[]},{"type":"output_text","text":"three","annotations":[{{annotations[2]}}]}]}""",
            written.Body,
            StringComparison.Ordinal
        );
        Assert.Empty(written.Quirks);
        // Another wire leaves them out.
        Assert.DoesNotContain(
            "annotations",
            WrittenRequest.Of(new ChatCompletionsProtocol(), new ChatRequest { Messages = [Message.User("?"), said] }).Body,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ChatCompletionsAnnotations_InNextTurn_AreNotSentBack()
    {
        var reply = Whole(
            new ChatCompletionsProtocol(),
            Completion("Hi", """{"type":"url_citation","url_citation":{"url":"https://a.example/"}}""")
        );
        Assert.Single(reply.Citations);
        var written = WrittenRequest.Of(
            new ChatCompletionsProtocol(),
            new ChatRequest { Messages = [Message.User("?"), reply.Message, Message.User("!")] }
        );
        Assert.DoesNotContain("a.example", written.Body, StringComparison.Ordinal);
        Assert.Empty(written.Quirks);
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("converse")]
    public void BlockCitations_InNextTurn_AreSentBack(string wire)
    {
        WireProtocol protocol = wire == "anthropic" ? new AnthropicProtocol() : new ConverseProtocol();
        string citation =
            wire == "anthropic"
                ? """{"type":"web_search_result_location","url":"https://a.example/","encrypted_index":"E8="}"""
                : """{"location":{"web":{"url":"https://a.example/"}}}""";
        var reply = Whole(
            protocol,
            wire == "anthropic"
                ? $$"""{"type":"message","model":"m","content":[{"type":"text","text":"Hi","citations":[{{citation}}]}],"stop_reason":"end_turn"}"""
                : $$$$"""{"output":{"message":{"role":"assistant","content":[{"citationsContent":{"content":[{"text":"Hi"}],"citations":[{{{{citation}}}}]}}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"""
        );

        Assert.Equal("https://a.example/", Assert.Single(reply.Citations).Url);
        var written = WrittenRequest.Of(
            protocol,
            new ChatRequest { Model = "m", Messages = [Message.User("?"), reply.Message, Message.User("!")] }
        );
        Assert.Contains($"\"citations\":[{citation}]", written.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Chunks_WithSameSources_ArePredictedAndAllocateNothing()
    {
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
        byte[] chunk = Chunk("""["https://a.example/","https://b.example/"]""");
        for (int i = 0; i < 500; i++)
            Assert.Equal(i == 0 ? 2 : 1, Feed(decoder, chunk));
        Assert.True(decoder.PredictedCount > 480, $"{decoder.PredictedCount} predicted");

        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 400; i++)
                Feed(decoder, chunk);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    [Fact]
    public void Chunks_WithChangedSources_AreReadAgain()
    {
        byte[][] chunks =
        [
            .. Enumerable.Range(0, 60).Select(i => Chunk(i is < 20 or >= 40 ? """["https://a.example/"]""" : """["https://b.example/"]""")),
        ];
        foreach (int last in (int[])[1, 19, 20, 21, 39, 40, 41, 60])
        {
            using var decoder = new ChatCompletionsProtocol().CreateDecoder();
            foreach (byte[] chunk in chunks[..last])
                Feed(decoder, chunk);
            var builder = new ReplyBuilder();
            Write(decoder, "data: [DONE]\n\n");
            while (decoder.TryRead())
                builder.Add(decoder.Current);
            Assert.Equal(last is <= 20 or > 40 ? "https://a.example/" : "https://b.example/", Assert.Single(builder.Build().Citations).Url);
        }
    }

    [Fact]
    public void Citations_TooLarge_ThrowLimitExceeded()
    {
        var options = new DecoderOptions { Limits = new LlmLimits { ReplyBytes = 100_000 } };
        (WireProtocol, Func<int, string>)[] wires =
        [
            (new ChatCompletionsProtocol(), i => $$$"""{"choices":[{"index":0,"delta":{"annotations":[{"a":{{{i}}}}]}}]}"""),
            (
                new ChatCompletionsProtocol(),
                i => $$$"""{"choices":[{"index":0,"delta":{"content":"a"}}],"citations":["{{{new string('a', 1000 * i)}}}"]}"""
            ),
            // Very many sources for one passage.
            (
                new ChatCompletionsProtocol(),
                i =>
                    $$$"""{"choices":[{"index":0,"delta":{"citations":[{"n":{{{i}}},"sources":[{{{string.Join(',', Enumerable.Repeat("""{"id":"d"}""", i))}}}]}]}}]}"""
            ),
            (
                new ResponsesProtocol(),
                i =>
                    $$$"""{"type":"response.output_text.annotation.added","output_index":0,"item_id":"m","content_index":0,"annotation":{"a":{{{i}}} }}"""
            ),
            (
                new AnthropicProtocol(),
                i => $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"a":{{{i}}} } }}"""
            ),
            (new GeminiProtocol(), i => $$$"""{"candidates":[{"groundingMetadata":{"groundingChunks":[{"a":{{{i}}}}]}}]}"""),
            // One long source for very many passages.
            (
                new GeminiProtocol(),
                i =>
                    $$$"""{"candidates":[{"groundingMetadata":{"groundingChunks":[{"a":"{{{new string('a', 400)}}}"}],"groundingSupports":[{{{string.Join(',', Enumerable.Range(0, i).Select(j => $$"""{"groundingChunkIndices":[0],"segment":{"endIndex":{{j}}} }"""))}}}]}}]}"""
            ),
        ];
        foreach (var (protocol, said) in wires)
        {
            using var decoder = protocol.CreateDecoder(options);
            if (protocol is AnthropicProtocol)
                Write(decoder, """data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}""" + "\n\n");
            var failure = Assert.Throws<LlmException>(() =>
            {
                for (int i = 0; i < 2000; i++)
                    Feed(decoder, Encoding.UTF8.GetBytes($"data: {said(i)}\n\n"));
            });
            Assert.Equal(LlmLimit.ReplyBytes, failure.Limit);
        }
    }

    [Theory]
    [InlineData("\"\\ud800\":1")]
    [InlineData("\"url\":\"a\\ud800b\"")]
    [InlineData("\"url_citation\":{\"\\ud800\":[{}],\"title\":\"\\udc00\"}")]
    public void Annotation_WithLoneSurrogate_IsRead(string members)
    {
        foreach (
            var (protocol, body) in ((WireProtocol, string)[])
                [
                    (new ResponsesProtocol(), Response("Hi", $"{{{members}}}")),
                    (new ChatCompletionsProtocol(), Completion("Hi", $"{{{members}}}")),
                ]
        )
        {
            Assert.Single(Whole(protocol, body).Citations);
        }
    }

    [Theory]
    // Two with the same number, and none listed at the end.
    [InlineData("0a0b", "", "ab")]
    // Out of order, and listed in order.
    [InlineData("1b0a", "ab", "ba")]
    [InlineData("0a1b", "ab", "ab")]
    [InlineData("0a0a1b", "abc", "abc")]
    [InlineData("", "aab", "aab")]
    public void Annotations_AddedAndListed_AreEachReturnedOnce(string added, string listed, string expected)
    {
        var body = new StringBuilder();
        Add(
            """{"type":"response.output_item.added","output_index":0,"item":{"id":"m","type":"message","role":"assistant","content":[]}}"""
        );
        Add("""{"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"m","delta":"hello"}""");
        for (int i = 0; i < added.Length; i += 2)
        {
            Add(
                $$"""{"type":"response.output_text.annotation.added","output_index":0,"content_index":0,"item_id":"m","annotation_index":{{added[i]}},"annotation":{{Source(added[i + 1])}}}"""
            );
        }

        Add(
            $$$"""{"type":"response.output_item.done","output_index":0,"item":{"id":"m","type":"message","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[{{{string.Join(',', listed.Select(Source))}}}]}]}}"""
        );
        Add("""{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}""");

        var decoded = Decoded.Stream(new ResponsesProtocol(), Encoding.UTF8.GetBytes(body.ToString()));

        Assert.Null(decoded.Error);
        Assert.Equal(expected.Select(name => $"https://{name}.example/"), decoded.Reply.Citations.Select(citation => citation.Url));

        void Add(string json) => body.Append("data: ").Append(json).Append("\n\n");

        static string Source(char name) => $$"""{"type":"url_citation","url":"https://{{name}}.example/","start_index":0,"end_index":5}""";
    }

    private static string Response(string text, string annotation) =>
        $$"""{"id":"r","object":"response","status":"completed","model":"m","output":[{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[{{annotation}}],"text":"{{text}}"}]}]}""";

    private static string Completion(string text, string annotation) =>
        $$$"""{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}","annotations":[{{{annotation}}}]},"finish_reason":"stop"}]}""";

    private static byte[] Chunk(string sources) =>
        Encoding.UTF8.GetBytes(
            $$$"""data: {"id":"p","model":"sonar","created":1,"citations":{{{sources}}},"object":"chat.completion.chunk","choices":[{"index":0,"finish_reason":null,"delta":{"role":"assistant","content":"wörd "}}]}"""
                + "\n\n"
        );

    private static ChatReply Whole(WireProtocol protocol, string body)
    {
        var decoded = Decoded.Whole(protocol, Encoding.UTF8.GetBytes(body));
        Assert.Null(decoded.Error);
        return decoded.Reply;
    }

    private static void Write(StreamDecoder decoder, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
    }

    private static int Feed(StreamDecoder decoder, byte[] bytes)
    {
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        int count = 0;
        while (decoder.TryRead())
            count++;
        return count;
    }
}
