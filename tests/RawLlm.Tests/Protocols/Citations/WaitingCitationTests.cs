using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols;

/// <summary>
/// Citations that wait for the end of their block or of the answer, and the usage so far: whatever ends a stream, they come before its
/// error.
/// </summary>
public sealed class WaitingCitationTests
{
    private const string Chat =
        """data: {"choices":[{"index":0,"delta":{"content":"Hi","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/"}}]}}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"""
        + "\n\n";

    public static TheoryData<string, string, string> Streams =>
        new()
        {
            { "chat-completions", Chat, "data: {]\n\n" },
            {
                "responses",
                """data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"m","delta":"Hi"}"""
                    + "\n\n"
                    + """data: {"type":"response.output_text.annotation.added","output_index":0,"content_index":0,"item_id":"m","annotation":{"url":"https://a.example/"}}"""
                    + "\n\n",
                "data: {]\n\n"
            },
            {
                "anthropic",
                """data: {"type":"message_start","message":{"id":"m","model":"m","usage":{"input_tokens":3,"output_tokens":2}}}"""
                    + "\n\n"
                    + """data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[]}}"""
                    + "\n\n"
                    + """data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"""
                    + "\n\n"
                    + """data: {"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.example/"}}}"""
                    + "\n\n",
                "data: {]\n\n"
            },
            {
                "gemini",
                """data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.example/"}}]}}]}"""
                    + "\n\n",
                "data: {]\n\n"
            },
            {
                "converse",
                """
                    :event-type contentBlockDelta
                    {"contentBlockIndex":0,"delta":{"text":"Hi"}}

                    :event-type contentBlockDelta
                    {"contentBlockIndex":0,"delta":{"citation":{"location":{"web":{"url":"https://a.example/"}}}}}
                    """,
                """
                    :event-type contentBlockDelta
                    {]
                    """
            },
            {
                "bedrock-invoke",
                """
                    :event-type chunk
                    !chunk
                    {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hi","citations":[{"type":"web_search_result_location","url":"https://a.example/"}]}}
                    """,
                """
                    :event-type chunk
                    !chunk
                    {"type":]
                    """
            },
            {
                "bedrock-invoke",
                """
                    :event-type chunk
                    !chunk
                    {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Hi"}}}

                    :event-type chunk
                    !chunk
                    {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"citation":{"location":{"web":{"url":"https://a.example/"}}}}}}
                    """,
                """
                    :event-type chunk
                    !chunk
                    {"contentBlockDelta":]
                    """
            },
            {
                "bedrock-invoke",
                """
                    :event-type chunk
                    !chunk
                    {"choices":[{"index":0,"delta":{"content":"Hi","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/"}}]}}]}
                    """,
                """
                    :event-type chunk
                    !chunk
                    {"choices":]
                    """
            },
        };

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task PendingCitations_ConnectionLost_AreReadBeforeError(string wire, string body, string _)
    {
        await using var stream = Open(wire, new ScriptedStream().Send(Bytes(wire, body)).Fail(new IOException("reset")));
        var error = await ExpectCitationAsync(stream);
        Assert.Equal(LlmErrorKind.ConnectionLost, error.Kind);
        Assert.Same(error, await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync()));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task PendingCitations_MalformedEvent_AreReadBeforeError(string wire, string body, string broken)
    {
        await using var stream = Open(wire, new ScriptedStream().Send([.. Bytes(wire, body), .. Bytes(wire, broken)]));
        Assert.Equal(LlmErrorKind.MalformedResponse, (await ExpectCitationAsync(stream)).Kind);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task PendingCitations_StreamTruncated_AreReadBeforeError(string wire, string body, string _)
    {
        await using var stream = Open(wire, new ScriptedStream().Send(Bytes(wire, body)).End());
        Assert.Equal(LlmErrorKind.StreamTruncated, (await ExpectCitationAsync(stream)).Kind);
    }

    [Fact]
    public async Task PendingCitations_ConnectionLostDuringReply_AreInPartialReply()
    {
        foreach (object[] row in Streams)
        {
            var (wire, body) = ((string)row[0], (string)row[1]);
            await using var stream = Open(wire, new ScriptedStream().Send(Bytes(wire, body)).Fail(new IOException("reset")));
            var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());
            Assert.Equal(("Hi", "https://a.example/"), (error.Partial!.Text, Assert.Single(error.Partial.Citations).Url));
        }
    }

    [Fact]
    public async Task PendingCitations_IdleTimeout_AreReadBeforeErrorWithUsage()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Chat).PassForever());
        await using var stream = await wire.Client(FaultRun.Once).StreamAsync("Hi", wire.Token);
        var error = await ExpectCitationAsync(stream, wire.Token);
        Assert.Equal(
            (LlmErrorKind.IdleTimeout, true, 3, 2),
            (error.Kind, error.OutputCommitted, error.Usage!.InputTokens, error.Usage.OutputTokens)
        );
    }

    [Fact]
    public async Task PendingCitations_ConnectionLostAmongPredictedChunks_AreReadWithLastUsage()
    {
        string body = Chat;
        for (int i = 0; i < 40; i++)
        {
            body +=
                $$$"""data: {"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":3,"completion_tokens":{{{i}}},"total_tokens":{{{i + 3}}}}}"""
                + "\n\n";
        }

        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(body).Rst());
        await using var stream = await wire.Client(FaultRun.Once).StreamAsync("Hi", wire.Token);
        var error = await ExpectCitationAsync(stream, wire.Token, 41);
        Assert.Equal((LlmErrorKind.ConnectionLost, true, 39), (error.Kind, error.OutputCommitted, error.Usage!.OutputTokens));
        Assert.Equal(39, stream.Usage!.OutputTokens);
    }

    [Fact]
    public async Task PendingCitations_ReadIsCancelled_AreNotRead()
    {
        var body = new ScriptedStream().Send(Chat);
        await using var stream = Open("chat-completions", body);
        using var source = new CancellationTokenSource();
        while (stream.Current.Kind != StreamEventKind.Text)
            Assert.True(await stream.ReadAsync(source.Token));
        var reading = stream.ReadAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Equal(LlmErrorKind.ConnectionLost, (await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync())).Kind);
    }

    private static async Task<LlmException> ExpectCitationAsync(
        ChatStream stream,
        CancellationToken cancellationToken = default,
        int texts = 1
    )
    {
        var kinds = new List<StreamEventKind>();
        string? url = null;
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(cancellationToken))
            {
                // Gemini's grounding metadata contains more than citations.
                if (stream.Current.Kind != StreamEventKind.Other)
                    kinds.Add(stream.Current.Kind);
                url = stream.Current.Citation?.Url ?? url;
            }
        });
        Assert.Equal([StreamEventKind.Connected, .. Enumerable.Repeat(StreamEventKind.Text, texts), StreamEventKind.Citation], kinds);
        Assert.Equal("https://a.example/", url);
        return error;
    }

    private static ChatStream Open(string wire, Stream body) => new(body, WireProtocols.Get(wire).CreateDecoder());

    private static byte[] Bytes(string wire, string body) =>
        wire is "converse" or "bedrock-invoke" ? FramesText.Encode(body) : Encoding.UTF8.GetBytes(body);
}
