using RawLlm.Tests.Support;
using static RawLlm.Tests.Protocols.Gemini.GeminiRequests;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Images and files on the Gemini wire.</summary>
public sealed class GeminiMediaTests
{
    [Fact]
    public void Parts_UrlWithMediaType_WriteMediaType()
    {
        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(
                        new ImagePart(new Uri("https://example.org/cat"), "image/webp"),
                        new FilePart(new Uri("https://example.org/a.txt"), "application/pdf")
                    ),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"contents":[{"role":"user","parts":[
              {"fileData":{"mimeType":"image/webp","fileUri":"https://example.org/cat"}},
              {"fileData":{"mimeType":"application/pdf","fileUri":"https://example.org/a.txt"}}]}]}
            """,
            written.Body
        );
    }

    [Fact]
    public void Parts_ImagesAndFiles_AreInlineOrByUrl()
    {
        var written = Write(
            new ChatRequest
            {
                Messages =
                [
                    Message.User(
                        new TextPart("Compare."),
                        new ImagePart(Conversations.Picture, "image/png"),
                        new ImagePart(new Uri("https://example.org/cat.jpg?size=1")),
                        new ImagePart(new Uri("data:image/gif;base64,R0lGODlh")),
                        new FilePart(new byte[] { 1, 2, 3 }, "application/pdf"),
                        new FilePart("https://generativelanguage.googleapis.com/v1beta/files/abc"),
                        new FilePart(new Uri("gs://bucket/a.mp4"))
                    ),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"contents":[{"role":"user","parts":[
              {"text":"Compare."},
              {"inlineData":{"mimeType":"image/png","data":"iVBORw=="}},
              {"fileData":{"mimeType":"image/jpeg","fileUri":"https://example.org/cat.jpg?size=1"}},
              {"inlineData":{"mimeType":"image/gif","data":"R0lGODlh"}},
              {"inlineData":{"mimeType":"application/pdf","data":"AQID"}},
              {"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}},
              {"fileData":{"mimeType":"video/mp4","fileUri":"gs://bucket/a.mp4"}}]}]}
            """,
            written.Body
        );
    }

    [Fact]
    public void Parts_ImageWithFileUrl_IsRejected() =>
        Assert.Throws<ArgumentException>(() =>
            Write(new ChatRequest { Messages = [Message.User(new ImagePart(new Uri("file:///a.png")))] })
        );
}
