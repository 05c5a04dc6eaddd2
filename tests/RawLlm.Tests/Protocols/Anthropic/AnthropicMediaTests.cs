using System.Text;
using RawLlm.Protocols;
using static RawLlm.Tests.Protocols.Anthropic.AnthropicRequests;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Images and documents on the Messages wire.</summary>
public sealed class AnthropicMediaTests
{
    [Fact]
    public void ImagesAndDocuments_InEveryForm_AreSent() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(
                        new ImagePart(new byte[] { 1, 2, 3 }, "image/png"),
                        new ImagePart(new Uri("data:image/gif;base64,AQID")),
                        new FilePart(new byte[] { 1, 2, 3 }, "application/pdf", "a.pdf"),
                        new FilePart(Encoding.UTF8.GetBytes("héllo"), "text/plain"),
                        new FilePart(new Uri("https://example.org/b.pdf")),
                        new FilePart("file_1"),
                        new FilePart(new byte[] { 1, 2, 3 }, "image/webp")
                    ),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[
              {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}},
              {"type":"image","source":{"type":"base64","media_type":"image/gif","data":"AQID"}},
              {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AQID"},"title":"a.pdf"},
              {"type":"document","source":{"type":"text","media_type":"text/plain","data":"héllo"}},
              {"type":"document","source":{"type":"url","url":"https://example.org/b.pdf"}},
              {"type":"document","source":{"type":"file","file_id":"file_1"}},
              {"type":"image","source":{"type":"base64","media_type":"image/webp","data":"AQID"}}]}]}
            """
        );

    [Fact]
    public void FilePart_UnsupportedMediaType_IsRejected()
    {
        var e = Assert.Throws<ArgumentException>(() =>
            Body(new ChatRequest { Messages = [Message.User(new FilePart(new byte[] { 1 }, "audio/wav"))] })
        );
        Assert.Contains("audio/wav", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data:image/png,abc")]
    [InlineData("data:;base64,abc")]
    public void DataUrl_WithoutMediaTypeOrBase64_IsRejected(string url) =>
        Assert.Throws<ArgumentException>(() => Body(new ChatRequest { Messages = [Message.User(new ImagePart(new Uri(url)))] }));

    [Fact]
    public void DataUrl_WithParameters_SendsOnlyMediaType() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User(new ImagePart(new Uri("data:image/png;charset=x;base64,AQID")))] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]}]}"""
        );

    [Theory]
    [InlineData("pictures/a.png")]
    [InlineData("file:///a.png")]
    public void Url_RelativeOrFile_IsRejected(string url)
    {
        Assert.Throws<ArgumentException>(() =>
            Body(new ChatRequest { Messages = [Message.User(new ImagePart(new Uri(url, UriKind.RelativeOrAbsolute)))] })
        );
        Assert.Throws<ArgumentException>(() =>
            Body(new ChatRequest { Messages = [Message.User(new FilePart(new Uri(url, UriKind.RelativeOrAbsolute)))] })
        );
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("vertex-2023-10-16", null, false)]
    [InlineData("vertex-2023-10-16", true, true)]
    [InlineData(null, false, false)]
    public void Url_NotSupportedByService_IsRejected(string? version, bool? takes, bool isTaken)
    {
        var protocol = new AnthropicProtocol { BodyVersion = version };
        if (takes is { } value)
            protocol = protocol with { SupportsUrls = value };
        var request = new ChatRequest { Messages = [Message.User(new ImagePart(new Uri("https://example.org/a.png")))] };
        Assert.Equal(isTaken, protocol.SupportsUrls);
        if (isTaken)
            Write(request, protocol).Dispose();
        else
        {
            Assert.Contains(
                "Pass the bytes",
                Assert.Throws<ArgumentException>(() => Write(request, protocol)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void TextFile_NotValidUtf8_RecordsQuirk() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User(new FilePart(new byte[] { (byte)'h', 0xE9 }, "text/plain"))] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"h\uFFFD"}}]}]}""",
            quirks: "Adapted at messages[].content[].source.data"
        );
}
