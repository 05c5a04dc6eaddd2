using System.Buffers.Text;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

/// <summary>Images and audio that models generate: what a reply contains of them on each wire, and what of them goes back.</summary>
public sealed class GeneratedMediaTests
{
    private const string Picture = "iVBORw0KGgoAAAANSUhEUg==";

    private static readonly byte[] PictureBytes = Convert.FromBase64String(Picture);

    private static readonly ChatCompletionsProtocol Chat = new();

    public static TheoryData<string, string> PicturesOfEachWire =>
        new()
        {
            {
                "chat-completions",
                $$$"""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Picture.Replace("/", "\\/", StringComparison.Ordinal)}}}"},"index":0}]},"finish_reason":"stop"}]}"""
            },
            {
                "gemini",
                $$$"""{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"{{{Picture}}}"},"thoughtSignature":"c2ln"}],"role":"model"},"finishReason":"STOP","index":0}]}"""
            },
            {
                "responses",
                $$$"""{"id":"r","object":"response","status":"completed","output":[{"id":"ig_1","type":"image_generation_call","status":"completed","result":"{{{Picture}}}"}]}"""
            },
            {
                "ollama",
                $$$"""{"model":"m","message":{"role":"assistant","content":"","images":["{{{Picture}}}"]},"done":true,"done_reason":"stop"}"""
            },
        };

    [Theory]
    [MemberData(nameof(PicturesOfEachWire))]
    public void GeneratedImage_OnEachWire_IsInReplyAndSentBack(string wire, string body)
    {
        var protocol = Wire.WireProtocols.Get(wire);
        var reply = Decoded.Whole(protocol, Encoding.UTF8.GetBytes(body)).Reply;

        var image = Assert.Single(reply.Images);
        Assert.Equal("image/png", image.MediaType);
        Assert.Equal(PictureBytes, image.Data.ToArray());
        Assert.Empty(reply.Audio);
        // Stored, and continued.
        var stored = Conversation.Read(Conversation.Write([reply.Message]))[0];
        foreach (var message in (Message[])[reply.Message, stored])
        {
            var written = WrittenRequest.Of(
                protocol,
                new ChatRequest { Model = "m", Messages = [Message.User("Draw"), message, Message.User("Bluer")] }
            );
            Assert.Contains(
                wire switch
                {
                    "chat-completions" =>
                        $$$"""{"role":"assistant","content":"","images":[{"image_url":{"url":"data:image/png;base64,{{{Picture}}}"},"type":"image_url","index":0}]}""",
                    "gemini" =>
                        $$$"""{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":"{{{Picture}}}"},"thoughtSignature":"c2ln"}]}""",
                    "responses" => $$$"""{"id":"ig_1","type":"image_generation_call","status":"completed","result":"{{{Picture}}}"}""",
                    _ => $$$"""{"role":"assistant","content":"","images":["{{{Picture}}}"]}""",
                },
                written.Body,
                StringComparison.Ordinal
            );
            Assert.DoesNotContain(written.Quirks, quirk => quirk.Kind == QuirkKind.LeftOut);
        }
    }

    [Theory]
    [MemberData(nameof(PicturesOfEachWire))]
    public void GeneratedImage_SentToOtherWire_IsOmittedOrSentAsPlainImage(string wire, string body)
    {
        var reply = Decoded.Whole(Wire.WireProtocols.Get(wire), Encoding.UTF8.GetBytes(body)).Reply;
        foreach (string other in (string[])["chat-completions", "responses", "anthropic", "converse", "gemini", "ollama"])
        {
            if (other == wire)
                continue;
            var written = WrittenRequest.Of(
                Wire.WireProtocols.Get(other),
                new ChatRequest
                {
                    Model = "anthropic.m",
                    MaxTokens = 9,
                    Messages = [Message.User("Draw"), reply.Message, Message.User("Go on")],
                }
            );
            bool isTaken = other is "gemini" or "ollama";
            Assert.Equal(isTaken, written.Body.Contains(Picture, StringComparison.Ordinal));
            Assert.Equal(!isTaken || reply.Images[0].WireData is not null, written.Quirks.Any(quirk => quirk.Kind == QuirkKind.LeftOut));
        }
    }

    [Fact]
    public void GeneratedImage_ByUrl_IsSentBackUnchanged()
    {
        var reply = Decoded
            .Stream(
                Chat,
                """
            data: {"id":"c","choices":[{"index":0,"delta":{"images":[{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]},"finish_reason":"stop"}]}

            data: [DONE]


            """u8
            )
            .Reply;

        Assert.Equal("https://example.org/a.png", Assert.Single(reply.Images).Url?.OriginalString);
        string body = WrittenRequest.Of(Chat, new ChatRequest { Messages = [reply.Message] }).Body;
        Assert.Contains(
            """{"role":"assistant","content":"","images":[{"image_url":{"url":"https://example.org/a.png"},"type":"image_url"}]}""",
            body,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void GeneratedImage_FromOtherOrigin_IsOmittedWithQuirk()
    {
        var image = new ImagePart(PictureBytes, "image/png")
        {
            WireData = new WireData("chat-completions", """{"type":"image_url"}""") { Origin = "openrouter.ai" },
        };
        using var wire = new WireRequest { BaseUrl = new("https://api.openai.com/v1/"), Origin = "api.openai.com" };
        Chat.WriteRequest(new ChatRequest { Messages = [Message.Assistant(new TextPart("Here"), image)] }, stream: false, wire);

        Assert.DoesNotContain("images", Encoding.UTF8.GetString(wire.Body.Span), StringComparison.Ordinal);
        Assert.Equal([QuirkKind.LeftOut], wire.Quirks.Select(quirk => quirk.Kind));
    }

    private const string Spoken = """
        data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":null,"audio":{"id":"audio_1","transcript":"Hi"}}}]}

        data: {"id":"c","choices":[{"index":0,"delta":{"audio":{"transcript":" there"}}}]}

        data: {"id":"c","choices":[{"index":0,"delta":{"audio":{"data":"AAABAA=="}}}]}

        data: {"id":"c","choices":[{"index":0,"delta":{"audio":{"data":"AgADAA=="}}}]}

        data: {"id":"c","choices":[{"index":0,"delta":{"audio":{"expires_at":1729444178}},"finish_reason":"stop"}]}

        data: [DONE]


        """;

    [Fact]
    public void Audio_InDeltas_IsOnePartWithTranscript()
    {
        var reply = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(Spoken)).Reply;

        var sound = Assert.Single(reply.Audio);
        Assert.Equal("audio/pcm", sound.MediaType);
        Assert.Equal([0, 0, 1, 0, 2, 0, 3, 0], sound.Data.ToArray());
        Assert.Equal(("Hi there", "Hi there", ""), (reply.Transcript, sound.Transcript, reply.Text));
        Assert.Empty(reply.Quirks);
    }

    [Fact]
    public void Audio_SentBack_IsReplacedByID()
    {
        var reply = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(Spoken)).Reply;
        var message = Conversation.Read(Conversation.Write([reply.Message]))[0];

        var written = WrittenRequest.Of(Chat, new ChatRequest { Messages = [message, Message.User("And?")] });

        Assert.Contains("""{"role":"assistant","content":null,"audio":{"id":"audio_1"}}""", written.Body, StringComparison.Ordinal);
        Assert.Empty(written.Quirks);
    }

    [Fact]
    public void Audio_WithoutID_IsSentBackAsTranscript()
    {
        var reply = Decoded.Stream(Chat, Encoding.UTF8.GetBytes(Spoken)).Reply;
        var message = reply.Message with { Parts = [.. reply.Message.Parts.Select(part => part with { WireData = null })] };

        foreach (string wire in (string[])["chat-completions", "responses", "anthropic", "converse", "ollama"])
        {
            var written = WrittenRequest.Of(
                Wire.WireProtocols.Get(wire),
                new ChatRequest
                {
                    Model = "anthropic.m",
                    MaxTokens = 9,
                    Messages = [Message.User("Hi"), message, Message.User("And?")],
                }
            );
            Assert.Contains("Hi there", written.Body, StringComparison.Ordinal);
            Assert.Contains(written.Quirks, quirk => quirk.Kind == QuirkKind.Adapted);
        }
    }

    [Theory]
    [InlineData("UklGRiQAAABXQVZFZm10IBAAAAA=", "audio/wav")]
    [InlineData("SUQzBAAAAAAAAAAA", "audio/mpeg")]
    [InlineData("//NgxAAAAAAAAAAA", "audio/mpeg")]
    [InlineData("ZkxhQwAAACIQABAA", "audio/flac")]
    [InlineData("T2dnUwACAAAAAAAA", "audio/ogg")]
    [InlineData("//FQgAAAAAAAAAAA", "audio/aac")]
    [InlineData("AAABAAIAAwAEAAUA", "audio/pcm")]
    public void Audio_NonStreaming_HasMediaTypeOfItsHeader(string data, string type)
    {
        var reply = Decoded
            .Whole(
                Chat,
                Encoding.UTF8.GetBytes(
                    $$$"""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":null,"audio":{"id":"a","data":"{{{data}}}","transcript":"T","expires_at":1}},"finish_reason":"stop"}]}"""
                )
            )
            .Reply;

        Assert.Equal(type, Assert.Single(reply.Audio).MediaType);
        Assert.Equal("T", reply.Transcript);
    }

    [Fact]
    public void Audio_InEvents_IsDecodablePerEvent()
    {
        // Cut where a piece of base64 cannot be decoded on its own.
        string[] pieces = ["AAA", "BAAIAA", "wAEAAUA", "BgAH", "AA"];
        var body = new StringBuilder();
        foreach (string piece in pieces)
            body.Append($$$$"""data: {"id":"c","choices":[{"index":0,"delta":{"audio":{"data":"{{{{piece}}}}"}}}]}""").Append("\n\n");
        body.Append("""data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""").Append("\n\ndata: [DONE]\n\n");
        using var decoder = Chat.CreateDecoder();
        decoder.Append(Encoding.UTF8.GetBytes(body.ToString()));
        decoder.Complete();
        var played = new List<byte>();
        while (decoder.TryRead())
        {
            if (decoder.Current.Kind != StreamEventKind.Media)
                continue;
            byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(decoder.Current.Utf8.Length)];
            Base64.DecodeFromUtf8(decoder.Current.Utf8, bytes, out int read, out int length);
            Assert.Equal(decoder.Current.Utf8.Length, read);
            played.AddRange(bytes[..length]);
        }
        Assert.Equal([0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0], played);
    }

    [Fact]
    public void GeminiAudio_InChunks_IsOnePartWithSampleRate()
    {
        var reply = Decoded
            .Stream(
                new GeminiProtocol(),
                """
            data: {"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16;codec=pcm;rate=24000","data":"AAABAA=="}}],"role":"model"},"index":0}]}

            data: {"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16;codec=pcm;rate=24000","data":"AgADAA=="}}],"role":"model"},"finishReason":"STOP","index":0}]}


            """u8
            )
            .Reply;

        var sound = Assert.Single(reply.Audio);
        Assert.Equal("audio/L16;codec=pcm;rate=24000", sound.MediaType);
        Assert.Equal([0, 0, 1, 0, 2, 0, 3, 0], sound.Data.ToArray());
    }

    [Fact]
    public void MediaEvent_InEventBuffer_CountsAsContent()
    {
        using var events = new EventBuffer();
        events.Add(StreamEventKind.Media, 0, 0, "AAAA"u8, name: "image/png");

        Assert.True(events.HasContent);
    }

    [Theory]
    [InlineData("image/png", "%")]
    [InlineData("picture", "AAAA")]
    public void Add_InvalidMediaEvent_ThrowsArgumentException(string type, string data)
    {
        var builder = new ReplyBuilder();
        Assert.Throws<ArgumentException>(() =>
            builder.Add(new StreamEvent(StreamEventKind.Media, utf8: Encoding.UTF8.GetBytes(data)) { Name = type })
        );
    }

    [Fact]
    public void Images_MoreThanContentBlocksLimit_ThrowsLimitExceeded()
    {
        string list = string.Join(',', Enumerable.Repeat("\"data:image/png;base64,AAAA\"", 9));
        using var events = new EventBuffer(new DecoderOptions { Limits = new LlmLimits { ContentBlocks = 8 } });
        var error = Assert.Throws<LlmException>(() =>
            Chat.ReadReply(
                Encoding.UTF8.GetBytes(
                    $$$"""{"id":"x","choices":[{"index":0,"message":{"role":"assistant","images":[{{{list}}}]},"finish_reason":"stop"}]}"""
                ),
                events
            )
        );
        Assert.Equal(LlmLimit.ContentBlocks, error.Limit);
    }

    // They are left out or go back where they came from, so they do not keep the conversation from continuing.
    [Fact]
    public void CapabilityCheck_MediaInAssistantMessage_IsNotReported()
    {
        var known = new Capabilities
        {
            Vision = false,
            Audio = false,
            Files = false,
        };
        Part[] made = [new ImagePart(PictureBytes, "image/png"), new FilePart(PictureBytes, "audio/wav") { Transcript = "Hi" }];

        Assert.Null(
            CapabilityCheck.Instance.Problem(
                known,
                new ChatRequest { Messages = [Message.User("Draw"), Message.Assistant(made)] },
                stream: false
            )
        );
        Assert.NotNull(CapabilityCheck.Instance.Problem(known, new ChatRequest { Messages = [Message.User(made)] }, stream: false));
    }
}
