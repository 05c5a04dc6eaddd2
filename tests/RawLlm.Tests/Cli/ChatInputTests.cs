using System.Text;
using RawLlm.Cli.Demo;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Cli;

/// <summary>The input of <c>rawllm chat</c>: words, piped text, files and a schema.</summary>
public sealed class ChatInputTests
{
    private static readonly string s_text = new DemoAnswer("Why is the sky blue?", IsStream: true, ReportsUsage: true).Text;

    [Fact]
    public async Task Chat_AttachedFiles_AreSentBeforePromptByType()
    {
        var provider = new Provider("service", new Uri("http://127.0.0.1:9/v1"), new ChatCompletionsProtocol(), Credential.None);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            string picture = Path.Combine(folder.FullName, "cat.PNG"),
                sound = Path.Combine(folder.FullName, "voice.wav"),
                bill = Path.Combine(folder.FullName, "bill.pdf"),
                unnamed = Path.Combine(folder.FullName, "unnamed");
            await File.WriteAllBytesAsync(picture, [1, 2, 3]);
            await File.WriteAllBytesAsync(sound, [4, 5, 6]);
            await File.WriteAllBytesAsync(bill, [7, 8, 9]);
            await File.WriteAllBytesAsync(unnamed, [0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0]);

            var run = await CliRun.OfAsync(
                shell => shell with { Providers = [provider] },
                "chat",
                "--curl",
                "--provider",
                "service",
                "--model",
                "m",
                "--attach",
                picture,
                "-a",
                sound,
                "--attach",
                bill,
                "--attach",
                unnamed,
                "What",
                "is this?"
            );

            Assert.Equal("", run.Code == 0 ? "" : run.Error);
            Assert.Contains(
                """[{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}},{"type":"input_audio","input_audio":{"data":"BAUG","format":"wav"}},""",
                run.Out,
                StringComparison.Ordinal
            );
            Assert.Contains("\"filename\":\"bill.pdf\"", run.Out, StringComparison.Ordinal);
            Assert.Contains("data:application/pdf;base64,BwgJ", run.Out, StringComparison.Ordinal);
            Assert.Contains("data:image/jpeg;base64,/9j/", run.Out, StringComparison.Ordinal);
            Assert.Contains("""{"type":"text","text":"What is this?"}]""", run.Out, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Chat_Schema_IsSentAsResponseFormat()
    {
        var provider = new Provider("service", new Uri("http://127.0.0.1:9/v1"), new ChatCompletionsProtocol(), Credential.None);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            string schema = Path.Combine(folder.FullName, "my recipe.schema.json"),
                text = Path.Combine(folder.FullName, "text.json"),
                list = Path.Combine(folder.FullName, "list.json");
            await File.WriteAllTextAsync(schema, """{"type":"object"}""", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
            await File.WriteAllTextAsync(text, "no JSON");
            await File.WriteAllTextAsync(list, " [1]");

            var run = await CliRun.OfAsync(
                shell => shell with { Providers = [provider] },
                "chat",
                "--curl",
                "--provider",
                "service",
                "--model",
                "m",
                "--schema",
                schema,
                "Hello"
            );

            Assert.Contains(
                "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"my_recipe\"",
                run.Out,
                StringComparison.Ordinal
            );
            Assert.Contains("\"schema\":{\"type\":\"object\"}", run.Out, StringComparison.Ordinal);
            foreach (string wrong in new[] { text, list })
            {
                var refused = await CliRun.OfAsync("chat", "--schema", wrong, "Hello");
                Assert.Equal((2, ""), (refused.Code, refused.Out));
                Assert.Contains("does not contain a JSON schema", refused.Error, StringComparison.Ordinal);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("--attach")]
    [InlineData("--schema")]
    public async Task Chat_MissingFile_IsUsageError(string option)
    {
        var run = await CliRun.OfAsync("chat", option, "nowhere/there-is-none.png", "Hello");

        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.Contains("there-is-none.png: no such file.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_AttachmentOfUnknownType_IsUsageError()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, [0, 1, 2]);

            var run = await CliRun.OfAsync("chat", "--attach", file, "Hello");

            Assert.Equal((2, ""), (run.Code, run.Out));
            Assert.Contains("from its first bytes or its extension", run.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("Cannot read \"\": the file name is empty.", "chat", "Hello", "--schema", "")]
    [InlineData("Cannot read \"\": the file name is empty.", "chat", "Hello", "-a", "")]
    [InlineData("Cannot read \"\": the file name is empty.", "decode", "--protocol", "ollama", "")]
    [InlineData("Cannot read a\u2400b: the file name contains a character that is not allowed.", "chat", "Hello", "-a", "a\0b")]
    [InlineData("--attach takes a file, not standard input, which can only be the prompt.", "chat", "Hello", "-a", "-")]
    [InlineData("--schema takes a file, not standard input, which can only be the prompt.", "chat", "Hello", "--schema", "-")]
    public async Task File_InvalidName_IsUsageError(string expected, params string[] command)
    {
        var run = await CliRun.OfAsync(command);

        Assert.StartsWith("error: " + expected, run.Error);
        Assert.DoesNotContain("Parameter", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("..", run.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Fact]
    public async Task File_NameTooLong_IsRejected()
    {
        var run = await CliRun.OfAsync("chat", "Hello", "-a", new string('x', 5000));

        Assert.StartsWith("error: Cannot read x", run.Error);
        Assert.DoesNotContain("..", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Code);
    }

    [Fact]
    public async Task Chat_EmptyAttachment_IsUsageError()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            string file = Path.Combine(folder.FullName, "photo.jpg");
            await File.WriteAllBytesAsync(file, []);

            var run = await CliRun.OfAsync("chat", "Hello", "--attach", file);

            Assert.StartsWith("error: photo.jpg is empty, so there is nothing to attach.\n", run.Error);
            Assert.Equal((2, ""), (run.Code, run.Out));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Chat_SeveralWords_AreJoinedToOnePrompt()
    {
        var run = await CliRun.OfAsync("chat", "--provider", "demo", "Why", "is", "the", "sky", "blue?");

        Assert.Equal(s_text + "\n", run.Out);
    }

    [Fact]
    public async Task Chat_Dash_ReadsPromptFromInput()
    {
        var run = await CliRun.OfAsync(
            shell => shell with { In = CliRun.Input("Why is the sky blue?") },
            "chat",
            "--provider",
            "demo",
            "-"
        );

        Assert.Equal(s_text + "\n", run.Out);
    }

    [Fact]
    public async Task Chat_NoPrompt_ReadsPipedInput()
    {
        var piped = await CliRun.OfAsync(shell => shell with { In = CliRun.Input("Why is the sky blue?") }, "chat", "--provider", "demo");
        var typed = await CliRun.OfAsync(
            shell => shell with { In = CliRun.Input("Why?"), IsInTerminal = true },
            "chat",
            "--provider",
            "demo"
        );

        Assert.Equal(s_text + "\n", piped.Out);
        Assert.Equal((2, ""), (typed.Code, typed.Out));
        Assert.Contains("There is no prompt", typed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@not-a-response-file")]
    [InlineData("[brackets]")]
    [InlineData("-5 degrees: how cold is that?")]
    public async Task Chat_PromptThatLooksLikeSyntax_IsText(string prompt)
    {
        var run = await CliRun.OfAsync("chat", "--provider", "demo", prompt);

        Assert.Contains($"\u201C{prompt}\u201D", run.Out);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Chat_AfterTwoDashes_OptionsAreText()
    {
        var run = await CliRun.OfAsync("chat", "--provider", "demo", "--", "--json");

        Assert.Contains("\u201C--json\u201D", run.Out);
    }

    [Fact]
    public async Task Chat_InputIsNotUtf8_IsRejectedWithBytePosition()
    {
        var run = await CliRun.OfAsync(
            shell => shell with { In = new MemoryStream([(byte)'a', 0xC3, 0xA9, 0xE9, (byte)'b']) },
            "chat",
            "--provider",
            "demo",
            "-"
        );

        Assert.StartsWith("error: The input is not UTF-8 text (byte 4).\n", run.Error);
        Assert.Equal((2, ""), (run.Code, run.Out));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    public async Task Chat_InputWithByteOrderMark_IsDecodedAccordingly(string encoding)
    {
        var of = Encoding.GetEncoding(encoding);

        var run = await CliRun.OfAsync(
            shell => shell with { In = new MemoryStream([.. of.GetPreamble(), .. of.GetBytes("caf\u00E9")]) },
            "chat",
            "--provider",
            "demo",
            "-"
        );

        Assert.Contains("\u201Ccaf\u00E9\u201D", run.Out);
    }
}
