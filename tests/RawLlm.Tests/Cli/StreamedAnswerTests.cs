using RawLlm.Cli.Doctor;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Cli;

public sealed class StreamedAnswerTests
{
    [Fact]
    public async Task ReadAsync_Stream_ReturnsReplyWithProviderAndCost()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"a","model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}

            data: {"id":"a","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":1000000,"completion_tokens":0,"total_tokens":1000000}}

            data: [DONE]


            """.ReplaceLineEndings("\n")
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        var answer = await StreamedAnswer.ReadAsync(client, "Hi", CancellationToken.None);

        Assert.Equal(("Hi", "openai"), (answer.Reply.Text, answer.Reply.Provider));
        Assert.NotNull(answer.Reply.Cost);
        Assert.Single(answer.Times);
    }
}
