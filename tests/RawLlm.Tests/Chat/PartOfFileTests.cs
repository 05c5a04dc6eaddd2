using System.Text;

namespace RawLlm.Tests.Chat;

/// <summary>Images and files that are given by their path, next to a text.</summary>
public sealed class PartOfFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rawllm-parts").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, byte[], string> Pictures =>
        new()
        {
            { "a.png", [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], "image/png" },
            { "wrong.png", [0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg" },
            { "no-end", Encoding.ASCII.GetBytes("GIF89a"), "image/gif" },
            { "b", Encoding.ASCII.GetBytes("RIFF....WEBPVP8 and more"), "image/webp" },
            { "c.HEIC", [0, 0, 0, 24], "image/heic" },
        };

    [Theory]
    [MemberData(nameof(Pictures))]
    public void FromFile_Image_HasBytesAndDetectedMediaType(string name, byte[] bytes, string expected)
    {
        var part = ImagePart.FromFile(Written(name, bytes));

        Assert.Equal(new ImagePart(bytes, expected), part);
    }

    [Theory]
    [InlineData("paper", "%PDF-1.7 ...", "application/pdf")]
    [InlineData("notes.txt", "Hello", "text/plain")]
    [InlineData("sound.bin", "RIFF....WAVEfmt ", "audio/wav")]
    [InlineData("sound.mp3", "ID3", "audio/mpeg")]
    [InlineData("C# notes.txt", "Hello", "text/plain")]
    [InlineData("why.md?.csv", "a,b", "text/csv")]
    public void FromFile_File_HasBytesMediaTypeAndName(string name, string text, string expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);

        Assert.Equal(new FilePart(bytes, expected, name), FilePart.FromFile(Written(name, bytes)));
    }

    [Fact]
    public void FromFile_UnknownType_ThrowsWithHint()
    {
        Assert.Contains(
            "new ImagePart(bytes, mediaType)",
            Assert.Throws<ArgumentException>(() => ImagePart.FromFile(Written("a.pdf", "%PDF-1.7"u8.ToArray()))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "new FilePart(bytes, mediaType, name)",
            Assert.Throws<ArgumentException>(() => FilePart.FromFile(Written("a", []))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<FileNotFoundException>(() => ImagePart.FromFile(Path.Combine(_folder, "none.png")));
    }

    [Fact]
    public void User_WithTextAndParts_PutsTextFirst()
    {
        var image = new ImagePart(new Uri("https://example.org/cat.jpg"));

        Assert.Equal(Message.User(new TextPart("What is it?"), image), Message.User("What is it?", image));
        Assert.Equal(Message.User("What is it?"), Message.User("What is it?", []));
        Assert.Throws<ArgumentNullException>(() => Message.User("What is it?", null!));
    }

    private string Written(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
