using RawLlm.Cli;
using RawLlm.Cli.Output;

namespace RawLlm.Tests.Cli;

public sealed class ErrorTextTests
{
    [Theory]
    [InlineData(
        LlmErrorKind.Unsupported,
        "m",
        "leave out --attach, --schema or --think, or choose another model: rawllm models --supports vision"
    )]
    [InlineData(LlmErrorKind.Unsupported, null, "rawllm chat --model NAME")]
    [InlineData(LlmErrorKind.LimitExceeded, "m", "--max-tokens")]
    [InlineData(LlmErrorKind.LimitExceeded, null, "--base-url")]
    [InlineData(LlmErrorKind.HeadersTimeout, "m", "--timeout SECONDS")]
    [InlineData(LlmErrorKind.DeadlineExceeded, "m", "--timeout SECONDS")]
    [InlineData(LlmErrorKind.ConnectionLost, "m", "try again")]
    [InlineData(LlmErrorKind.StreamTruncated, "m", "--no-stream")]
    [InlineData(LlmErrorKind.ServerError, "m", "try again later")]
    public void Hint_EachErrorKind_SaysWhatToDo(LlmErrorKind kind, string? model, string expected)
    {
        Assert.Contains(expected, Hint(new LlmException(kind, "No."), model));
    }

    [Theory]
    [InlineData(LlmLimit.ResponseHeaders, "--base-url")]
    [InlineData(LlmLimit.DecompressionRatio, "--base-url")]
    [InlineData(LlmLimit.ReplyBytes, "--max-tokens")]
    [InlineData(LlmLimit.StreamBytes, "--max-tokens")]
    public void Hint_EachLimit_SaysWhatToDo(LlmLimit limit, string expected)
    {
        Assert.Contains(expected, Hint(new LlmException(LlmErrorKind.LimitExceeded, "No.") { Limit = limit }, "m"));
    }

    [Theory]
    [InlineData]
    [InlineData("--no-stream")]
    public async Task Chat_BinaryBody_HintsAtBaseUrl(params string[] options)
    {
        // The first attempt is repeated if the stream breaks off.
        const string File = "HTTP/1.1 200 OK\nContent-Type: application/octet-stream\n\n\u0001\u0002\u0003PK\u0007rest";
        await using var server = new CannedServer(File, File, File, File);

        var run = await CliRun.OfAsync(["chat", "--base-url", server.Url, "--model", "m", .. options, "Hello"]);

        Assert.EndsWith("hint: check that --base-url points to a model's API\n", run.Error, StringComparison.Ordinal);
    }

    private static string Hint(LlmException error, string? model)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var shell = new Shell
        {
            In = Stream.Null,
            Out = Stream.Null,
            Error = text,
        };
        ErrorText.Write(shell, error, target: null, model);
        return Assert.Single(text.ToString().Split('\n'), static line => line.StartsWith("hint: ", StringComparison.Ordinal));
    }
}
