using System.Globalization;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Prediction;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Protocols;

/// <summary>Log probabilities: kept if a request asks for them, otherwise skipped at no cost.</summary>
public sealed class LogProbTests
{
    private const string Chat = """
        data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[{"token":"Hi","logprob":-0.25,"bytes":[72,105],"top_logprobs":[{"token":"Hi","logprob":-0.25,"bytes":[72,105]},{"token":"Yo","logprob":-1.5,"bytes":[89,111]}]}]},"finish_reason":null}]}

        data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"!"},"logprobs":{"content":[{"token":"!","logprob":-0.75,"bytes":[33],"top_logprobs":[]}]},"finish_reason":"stop"}]}

        data: [DONE]


        """;

    private static async Task<ChatReply> AskAsync(ChatRequest request, bool stream)
    {
        using var http = new MockHttpMessageHandler();
        string whole =
            """{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi!"},"logprobs":{"content":[{"token":"Hi","logprob":-0.25,"bytes":[72,105],"top_logprobs":[{"token":"Hi","logprob":-0.25},{"token":"Yo","logprob":-1.5}]},{"token":"!","logprob":-0.75,"bytes":[33]}]},"finish_reason":"stop"}]}""";
        http.When("*")
            .Respond(_ => new HttpResponseMessage
            {
                Content = new StringContent(stream ? Chat : whole, Encoding.UTF8, stream ? "text/event-stream" : "application/json"),
            });
        using var client = new LlmClient(Providers.OpenAI with { Credential = Credential.None }, "gpt-4o-mini", null, http.ToHttpClient());
        if (!stream)
            return await client.SendAsync(request);
        await using var answer = await client.StreamAsync(request);
        return await answer.ReplyAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TopLogProbs_Requested_AreInReply(bool stream)
    {
        var reply = await AskAsync(ChatRequest.Ask("Hi") with { TopLogProbs = 2 }, stream);

        var probabilities = reply.LogProbs!;
        Assert.Equal(("Hi!", -0.5), (reply.Text, probabilities.Average));
        Assert.Equal(["Hi", "!"], probabilities.Tokens.Select(token => token.Token));
        Assert.Equal([72, 105], probabilities.Tokens[0].Bytes.ToArray());
        Assert.Equal([("Hi", -0.25), ("Yo", -1.5)], probabilities.Tokens[0].Alternatives.Select(token => (token.Token, token.LogProb)));
        Assert.Equal(Math.Exp(-0.75), probabilities.Tokens[1].Probability);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TopLogProbs_RequestedByExtraMember_AreInReply(bool stream)
    {
        var reply = await AskAsync(ChatRequest.Ask("Hi") with { Extra = new Dictionary<string, RawJson> { ["logprobs"] = true } }, stream);

        Assert.Equal(2, reply.LogProbs?.Tokens.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TopLogProbs_NotRequested_AreNotInReply(bool stream) => Assert.Null((await AskAsync("Hi", stream)).LogProbs);

    [Fact]
    public void LogProbs_Gemini_ContainTokenIDsAndAlternatives()
    {
        using var events = new EventBuffer(new DecoderOptions { LogProbs = true });
        new GeminiProtocol().ReadReply(
            """{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP","avgLogprobs":-0.3,"logprobsResult":{"topCandidates":[{"candidates":[{"token":"Hi","tokenId":7,"logProbability":-0.25},{"token":"Yo","tokenId":8,"logProbability":-1.5}]}],"chosenCandidates":[{"token":"Hi","tokenId":7,"logProbability":-0.25}]}}]}"""u8,
            events
        );
        var builder = new ReplyBuilder();
        while (events.MoveNext())
            builder.Add(events.Current);

        var token = Assert.Single(builder.Build().LogProbs!.Tokens);
        Assert.Equal(("Hi", 7, -0.25), (token.Token, token.Id, token.LogProb));
        Assert.Equal([7, 8], token.Alternatives.Select(alternative => alternative.Id));
    }

    [Fact]
    public void LogProbs_AverageOnly_ContainNoTokens()
    {
        using var events = new EventBuffer(new DecoderOptions { LogProbs = true });
        new GeminiProtocol().ReadReply(
            """{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP","avgLogprobs":-0.3}]}"""u8,
            events
        );
        var builder = new ReplyBuilder();
        while (events.MoveNext())
            builder.Add(events.Current);

        var probabilities = builder.Build().LogProbs!;
        Assert.Empty(probabilities.Tokens);
        Assert.Equal(-0.3, probabilities.Average);
    }

    public static TheoryData<string> Wires => new("chat-completions", "responses", "gemini", "ollama");

    // Log probabilities that come now and then, among frames that differ in nothing else.
    [Theory]
    [MemberData(nameof(Wires))]
    public void LogProbs_WithAndWithoutPrediction_AreEqual(string wire)
    {
        var protocol = Wire.WireProtocols.Get(wire);
        var random = new Random(7);
        for (int run = 0; run < 60; run++)
        {
            byte[] body = Encoding.UTF8.GetBytes(Body(wire, random));
            foreach (bool asks in (bool[])[false, true])
            {
                var options = new DecoderOptions { LogProbs = asks };
                string expected = DecodingRun.Describe(protocol.CreateDecoder(options with { Prediction = false }), body, (ulong)run);
                string actual = DecodingRun.Describe(protocol.CreateDecoder(options with { Prediction = true }), body, (ulong)run);
                Assert.Equal(expected, actual);
                Assert.Equal(asks, actual.Contains("LogProbs 0.0", StringComparison.Ordinal));
            }
        }
    }

    private static string Body(string wire, Random random)
    {
        var body = new StringBuilder();
        int count = 0;
        for (int i = 0; i < 40; i++)
        {
            string tokens =
                random.Next(4) == 0 || i == 20
                    ? string.Create(CultureInfo.InvariantCulture, $$"""[{"token":"t{{i}}","logprob":-{{i}},"top_logprobs":[]}]""")
                    : "";
            count += tokens.Length;
            body.Append(
                wire switch
                {
                    "chat-completions" =>
                        $$$"""data: {"id":"c","choices":[{"index":0,"delta":{"content":"t{{{i}}}"},"logprobs":{{{(tokens.Length == 0 ? "null" : $"{{\"content\":{tokens}}}")}}},"finish_reason":null}]}"""
                            + "\n\n",
                    "responses" =>
                        $$"""data: {"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"t{{i}}","logprobs":{{(tokens.Length == 0 ? "[]" : tokens)}},"sequence_number":{{i}}}"""
                            + "\n\n",
                    "gemini" =>
                        $$"""data: {"candidates":[{"content":{"parts":[{"text":"t{{i}}"}],"role":"model"},"index":0{{(tokens.Length == 0 ? "" : $$""","logprobsResult":{"chosenCandidates":[{"token":"t{{i}}","logProbability":-{{i}}}]}""")}}}]}"""
                            + "\n\n",
                    _ =>
                        $$$"""{"model":"m","message":{"role":"assistant","content":"t{{{i}}}"},"done":false{{{(tokens.Length == 0 ? "" : ",\"logprobs\":" + tokens)}}}}"""
                            + "\n",
                }
            );
        }
        body.Append(
            wire switch
            {
                "chat-completions" => """data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"""
                    + "\n\ndata: [DONE]\n\n",
                "responses" => """data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}""" + "\n\n",
                "gemini" => """data: {"candidates":[{"content":{"parts":[{"text":"."}],"role":"model"},"finishReason":"STOP","index":0}]}"""
                    + "\n\n",
                _ => """{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}""" + "\n",
            }
        );
        return body.ToString();
    }

    [Fact]
    public void LogProbs_ManyEmptyTokens_ThrowsReplyBytesLimit()
    {
        string tokens = string.Join(',', Enumerable.Repeat("{}", 100));
        using var events = new EventBuffer(
            new DecoderOptions
            {
                LogProbs = true,
                Limits = new LlmLimits { ReplyBytes = 1000 },
            }
        );
        var error = Assert.Throws<LlmException>(() =>
            new ChatCompletionsProtocol().ReadReply(
                Encoding.UTF8.GetBytes(
                    $$$"""{"id":"x","choices":[{"index":0,"message":{"content":"a"},"logprobs":{"content":[{{{tokens}}}]},"finish_reason":"stop"}]}"""
                ),
                events
            )
        );

        Assert.Equal(LlmLimit.ReplyBytes, error.Limit);
    }

    [Fact]
    public void LogProbs_Skipped_AllocateNothing()
    {
        byte[] chunk = Encoding.UTF8.GetBytes(
            """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[{"token":"Hi","logprob":-0.25,"bytes":[72,105],"top_logprobs":[]}]},"finish_reason":null}]}"""
                + "\n\n"
        );
        using var decoder = new ChatCompletionsProtocol().CreateDecoder();
        void Feed(int count)
        {
            for (int i = 0; i < count; i++)
            {
                chunk.CopyTo(decoder.GetSpan(chunk.Length));
                decoder.Advance(chunk.Length);
                while (decoder.TryRead()) { }
            }
        }

        Feed(100);
        Assert.Equal(0, MinAllocation.Of(() => Feed(1000)));
    }
}
