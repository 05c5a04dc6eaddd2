using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Requests;

public sealed class MediaTypeTests
{
    public static TheoryData<string, Part, string> Sent =>
        new()
        {
            {
                "anthropic",
                Picture("image/jpg"),
                """{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"AQID"}}"""
            },
            { "anthropic", Picture("IMAGE/PNG"), """{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}""" },
            {
                "anthropic",
                Picture("image/png; name=a.png"),
                """{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}"""
            },
            {
                "anthropic",
                new ImagePart(new Uri("data:image/JPG;name=a;base64,AQID")),
                """{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"AQID"}}"""
            },
            {
                "anthropic",
                File("application/pdf; charset=binary"),
                """{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AQID"}}"""
            },
            {
                "anthropic",
                new FilePart("Hi"u8.ToArray(), "text/plain; charset=utf-8"),
                """{"type":"document","source":{"type":"text","media_type":"text/plain","data":"Hi"}}"""
            },
            { "converse", Picture("image/jpg;name=a"), """{"image":{"format":"jpeg","source":{"bytes":"AQID"}}}""" },
            {
                "converse",
                File("application/pdf; charset=binary"),
                """{"document":{"format":"pdf","name":"document","source":{"bytes":"AQID"}}}"""
            },
            {
                "converse",
                File("text/plain; charset=\"utf-8\""),
                """{"document":{"format":"txt","name":"document","source":{"bytes":"AQID"}}}"""
            },
            { "chat", Picture("IMAGE/jpg; name=a.png"), """{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,AQID"}}""" },
            {
                "chat",
                File("text/plain; charset=utf-8"),
                """{"type":"file","file":{"filename":"file.txt","file_data":"data:text/plain;base64,AQID"}}"""
            },
            { "chat", File("audio/wav; codecs=1"), """{"type":"input_audio","input_audio":{"data":"AQID","format":"wav"}}""" },
            {
                "responses",
                Picture("image/png; name=\"a b;c.png\""),
                """{"type":"input_image","image_url":"data:image/png;base64,AQID","detail":"auto"}"""
            },
            { "gemini", Picture("image/jpg; name=a"), """{"inlineData":{"mimeType":"image/jpeg","data":"AQID"}}""" },
            {
                "gemini",
                new ImagePart(new Uri("data:image/JPG;name=a;base64,AQID")),
                """{"inlineData":{"mimeType":"image/jpeg","data":"AQID"}}"""
            },
            { "anthropic", new FilePart("file_1", "image/png"), """{"type":"image","source":{"type":"file","file_id":"file_1"}}""" },
            {
                "anthropic",
                new FilePart("file_1", "application/pdf"),
                """{"type":"document","source":{"type":"file","file_id":"file_1"}}"""
            },
            { "responses", new FilePart("file-1", "image/png"), """{"type":"input_image","file_id":"file-1","detail":"auto"}""" },
            { "responses", new FilePart("file-1", "application/pdf"), """{"type":"input_file","file_id":"file-1"}""" },
            { "chat", new FilePart("file-1", "image/png"), """{"type":"file","file":{"file_id":"file-1"}}""" },
            { "chat", new FilePart("file-1", "audio/wav"), """{"type":"file","file":{"file_id":"file-1"}}""" },
            { "gemini", new FilePart("files/1", "image/png"), """{"fileData":{"mimeType":"image/png","fileUri":"files/1"}}""" },
            {
                "gemini",
                File("audio/L16;codec=pcm;rate=24000"),
                """{"inlineData":{"mimeType":"audio/L16;codec=pcm;rate=24000","data":"AQID"}}"""
            },
        };

    [Theory]
    [MemberData(nameof(Sent))]
    public void Part_MediaTypeWithParametersOrOtherCase_IsSentAsKnownType(string wire, Part part, string expected)
    {
        using var request = new WireRequest { BaseUrl = new("http://localhost/") };
        Protocol(wire)
            .WriteRequest(new ChatRequest { Model = "m", Messages = [Message.User(new TextPart("Look"), part)] }, stream: false, request);

        Assert.Contains(expected, Encoding.UTF8.GetString(request.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void UploadedImage_WireWithoutFileIDs_IsRejected()
    {
        var request = new ChatRequest { Model = "m", Messages = [Message.User(new FilePart("file-1", "image/png"))] };
        using var wire = new WireRequest { BaseUrl = new("http://localhost/") };

        Assert.Throws<ArgumentException>(() => new ConverseProtocol().WriteRequest(request, stream: false, wire));
        Assert.Throws<ArgumentException>(() => new OllamaProtocol().WriteRequest(request, stream: false, wire));
    }

    [Theory]
    [InlineData("image/png", true)]
    [InlineData("image/svg+xml;charset=\"utf-8\"", true)]
    [InlineData("image/png ; name=\"a; \\\"b\\\".png\" ;x='1'", true)]
    [InlineData("image/png;", true)]
    [InlineData("image/png; name = a; x= \"1\"", true)]
    [InlineData("image/png;name=\"a", false)]
    [InlineData("image/png;name=\"a\"b", false)]
    [InlineData("image/png;name=\"a\nb\"", false)]
    [InlineData("image/png;name=a,b", false)]
    [InlineData("image/png,x", false)]
    [InlineData("image/*", false)]
    [InlineData("image/", false)]
    [InlineData("text/plain", false)]
    public void ImagePart_AnyMediaType_IsAcceptedIfWellFormed(string mediaType, bool isTaken)
    {
        if (isTaken)
            Assert.Equal(mediaType, Picture(mediaType).MediaType);
        else
            Assert.Throws<ArgumentException>(() => Picture(mediaType));
    }

    private static ImagePart Picture(string mediaType) => new(new byte[] { 1, 2, 3 }, mediaType);

    private static FilePart File(string mediaType) => new(new byte[] { 1, 2, 3 }, mediaType);

    private static WireProtocol Protocol(string wire) =>
        wire switch
        {
            "anthropic" => new AnthropicProtocol(),
            "converse" => new ConverseProtocol(),
            "chat" => new ChatCompletionsProtocol(),
            "responses" => new ResponsesProtocol(),
            _ => new GeminiProtocol(),
        };
}
