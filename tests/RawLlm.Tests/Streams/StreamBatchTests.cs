using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Streams;

// TryRead: the events that one read of the connection brought.
public sealed class StreamBatchTests
{
    private const string Done = "data: [DONE]\n\n";

    [Fact]
    public async Task TryRead_EventsOfOneRead_ReturnsOnlyThose()
    {
        await using var stream = Open(
            new ScriptedStream().Send(Piece("a")).Send(Piece("b") + Piece("c") + Piece("d")).Send(Last + Done).End()
        );
        var batches = new List<string>();
        while (await stream.ReadAsync())
        {
            string batch = "";
            do batch += stream.Current.Kind == StreamEventKind.Text ? stream.Current.ToString() : $"<{stream.Current.Kind}>";
            while (stream.TryRead());
            batches.Add(batch);
        }
        Assert.Equal(["<Connected>", "a", "bcd", "!<Stop><Done>"], batches);
        Assert.False(stream.TryRead());
    }

    [Fact]
    public async Task TryRead_BeforeFirstRead_ReturnsFalse()
    {
        await using var stream = Open(new ScriptedStream().Send(Piece("a")).End());
        Assert.False(stream.TryRead());
        Assert.Equal(StreamEventKind.None, stream.Current.Kind);
    }

    [Fact]
    public async Task TryRead_ErrorAfterEvents_NextReadThrows()
    {
        await using var stream = Open(new ScriptedStream().Send(Piece("a") + Piece("b") + "data: {\"choices\":!\n\n").End());
        Assert.True(await stream.ReadAsync() && await stream.ReadAsync() && stream.TryRead());
        Assert.Equal("b", stream.Current.ToString());
        Assert.False(stream.TryRead());
        Assert.False(stream.TryRead());
        for (int i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync());
            Assert.Equal((LlmErrorKind.MalformedResponse, true), (error.Kind, error.OutputCommitted));
            Assert.False(stream.TryRead());
        }
    }

    [Fact]
    public async Task TryRead_TokenOfStreamAsyncCanceled_NextReadThrows()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond("text/event-stream", Piece("a") + Piece("b") + Piece("c") + Last + Done);
        using var client = new LlmClient(
            new Provider("test", new Uri("https://service.example"), new ChatCompletionsProtocol(), Credential.None),
            "m",
            http: http.ToHttpClient()
        );
        using var source = new CancellationTokenSource();
        await using var stream = await client.StreamAsync("Hi", source.Token);
        Assert.True(await stream.ReadAsync() && await stream.ReadAsync());
        await source.CancelAsync();
        while (stream.TryRead())
            Assert.NotEqual(StreamEventKind.Done, stream.Current.Kind);
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadAsync());
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public async Task TryRead_DuringRead_Throws()
    {
        var body = new ScriptedStream();
        await using var stream = Open(body);
        Assert.True(await stream.ReadAsync());
        var reading = stream.ReadAsync();
        Assert.Throws<InvalidOperationException>(() => stream.TryRead());
        body.Send(Piece("a"));
        Assert.True(await reading);
    }

    [Fact]
    public async Task TryRead_AfterDisposal_Throws()
    {
        var stream = Open(new ScriptedStream().Send(Piece("a") + Piece("b")));
        Assert.True(await stream.ReadAsync() && await stream.ReadAsync());
        await stream.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => stream.TryRead());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(int.MaxValue)]
    public async Task TryRead_AllWireCases_ReturnsSameEventsAsReadAsync(int size)
    {
        int batched = 0;
        foreach (var wire in WireCase.All().Where(each => each.IsStream))
        {
            Assert.Equal(await ReadAsync(wire, size, isBatched: false), await ReadAsync(wire, size, isBatched: true));
            batched++;
        }
        Assert.True(batched > 100);
    }

    private static async Task<string> ReadAsync(WireCase wire, int size, bool isBatched)
    {
        var seen = new System.Text.StringBuilder();
        await using var stream = new ChatStream(new DripStream(wire.ReadBody(), size), WireProtocols.Get(wire.Protocol).CreateDecoder());
        try
        {
            while (await stream.ReadAsync())
            {
                do seen.Append(stream.Current.Kind)
                    .Append(' ')
                    .Append(stream.Current.Choice)
                    .Append(' ')
                    .AppendLine(stream.Current.ToString());
                while (isBatched && stream.TryRead());
            }
        }
        catch (LlmException e)
        {
            seen.Append(e.Kind).Append(' ').Append(e.Message);
        }
        return seen.Append(string.Join(", ", stream.Quirks)).ToString();
    }

    private static string Last => """data: {"choices":[{"index":0,"delta":{"content":"!"},"finish_reason":"stop"}]}""" + "\n\n";

    private static string Piece(string text) => $$$"""data: {"choices":[{"index":0,"delta":{"content":"{{{text}}}"}}]}""" + "\n\n";

    private static ChatStream Open(Stream body) => new(body, new ChatCompletionsProtocol().CreateDecoder());
}
