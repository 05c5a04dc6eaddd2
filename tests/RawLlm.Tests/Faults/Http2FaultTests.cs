using System.Collections.Concurrent;
using System.Threading.Channels;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>What an HTTP/2 server can do with its frames, over TLS and real sockets.</summary>
public sealed class Http2FaultTests(ITestOutputHelper output)
{
    private const uint NoError = 0x0;
    private const uint Refused = 0x7;
    private const uint Cancelled = 0x8;

    [Fact]
    [Case(32)]
    public async Task Reset_DuringAnswer_ThrowsConnectionLostWithCodeAndDoesNotRetry()
    {
        // Every code of RFC 9113, section 7, and one that does not exist.
        for (uint code = 0; code <= 0xe; code++)
        {
            uint sent = code;
            var hasRead = Signal();
            await using var wire = new Http2Wire(async connection =>
            {
                int id = await connection.RequestAsync();
                await connection.HeadersAsync(id);
                await connection.DataAsync(id, Answers.Role + Answers.Hi);
                await hasRead.Task;
                await connection.ResetAsync(id, sent);
                await connection.Closed;
            });
            var client = wire.Client();
            var (text, error) = await ReadFails(client, hasRead.SetResult, wire.Token);
            Assert.Equal(("Hi", LlmErrorKind.ConnectionLost, $"h2:{code}"), (text, error.Kind, error.ProviderCode));
            Assert.Equal((LlmPhase.Streaming, true, false), (error.Phase, error.OutputCommitted, error.IsRetryable));
            Assert.Equal(1, wire.Connections.Single().Begun);
        }
    }

    [Theory]
    [InlineData(0x2)]
    [InlineData(0x7)]
    [InlineData(0xb)]
    [Case(32, 155)]
    public async Task Reset_BeforeFirstEvent_IsRetried(uint code)
    {
        await using var wire = new Http2Wire(async connection =>
        {
            int id = await connection.RequestAsync();
            await connection.HeadersAsync(id);
            await connection.DataAsync(id, Answers.Role);
            await connection.ResetAsync(id, code);
            int again = await connection.RequestAsync();
            Assert.Equal(connection.Body(id), connection.Body(again));
            await connection.AnswerAsync(again);
            await connection.Closed;
        });
        var client = wire.Client();
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        Assert.Equal(2, wire.Connections.Single().Begun);
    }

    [Fact]
    [Case(32)]
    public async Task Reset_OfOneStream_DoesNotAffectOtherStreams()
    {
        var hasRead = Signal();
        await using var wire = new Http2Wire(async connection =>
        {
            int read = await connection.RequestAsync();
            await connection.HeadersAsync(read);
            await connection.DataAsync(read, Answers.Role + Answers.Hi);
            int reset = await connection.RequestAsync();
            await connection.HeadersAsync(reset);
            await connection.DataAsync(reset, Answers.Role + Answers.Hi);
            await hasRead.Task;
            await connection.ResetAsync(reset, 0x2);
            await connection.DataAsync(read, Answers.You + Answers.Stop + Answers.End, ends: true);
            await connection.Closed;
        });
        var client = wire.Client();
        var whole = await client.StreamAsync("Hi", wire.Token);
        var (text, error) = await ReadFails(client, hasRead.SetResult, wire.Token);
        Assert.Equal(("Hi", "h2:2"), (text, error.ProviderCode));
        Assert.Equal("Hi you", (await whole.ReplyAsync(wire.Token)).Text);
    }

    [Fact]
    [Case(32)]
    public async Task RefusedStream_BeforeAnswer_IsRetriedWithoutDelay()
    {
        await using var wire = new Http2Wire(async connection =>
        {
            for (int call = 0; call < 40; call++)
            {
                int refused = await connection.RequestAsync();
                await connection.ResetAsync(refused, Refused);
                int again = await connection.RequestAsync();
                Assert.Equal(connection.Body(refused), connection.Body(again));
                await connection.AnswerAsync(again);
            }
            await connection.Closed;
        });
        var client = wire.Client();
        for (int call = 0; call < 40; call++)
            Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        // The platform itself resends what was provably not processed.
        Assert.Empty(wire.Time.Waits);
    }

    [Fact]
    [Case(32)]
    public async Task RefusedStream_EachTime_FailsAfterFewRetriesWithoutCost()
    {
        await using var wire = new Http2Wire(async connection =>
        {
            try
            {
                while (true)
                    await connection.ResetAsync(await connection.RequestAsync(), Refused);
            }
            catch (ChannelClosedException)
            {
                // The client is done.
            }
        });
        var budget = new Budget(new BudgetLimits { MaxOutputTokens = 100 });
        var client = wire.Client(new() { Budget = budget });
        // If the retries cost something, these would exceed the budget four times over.
        for (int call = 0; call < 20; call++)
        {
            var error = await Assert.ThrowsAsync<LlmException>(() =>
                client.SendAsync(ChatRequest.Ask("Hi") with { MaxTokens = 100 }, wire.Token)
            );
            Assert.Equal(
                (LlmErrorKind.ConnectionLost, "h2:7", LlmPhase.AwaitHeaders, true, false),
                (error.Kind, error.ProviderCode, error.Phase, error.IsRetryable, error.RetriesSuppressed)
            );
            // What was not processed is not billed.
            Assert.Equal([false, false, false], error.Attempts.Select(attempt => attempt.MayBeBilled));
        }
        Assert.Equal((0L, 0L), (budget.OutputTokens, budget.ReservedOutputTokens));
        // The platform sends up to four for each of the client's own.
        output.WriteLine($"{wire.Connections.Single().Begun} requests for 20 calls");
        Assert.InRange(wire.Connections.Single().Begun, 60, 240);
    }

    [Fact]
    [Case(33)]
    public async Task GoAway_WithHundredStreams_FinishesCoveredAndResendsOthers()
    {
        const int Streams = 100;
        const int Taken = 50;
        var bodies = new ConcurrentBag<string>();
        await using var wire = new Http2Wire(
            async connection =>
            {
                int[] ids = await connection.RequestsAsync(Streams);
                Array.Sort(ids);
                await connection.GoAwayAsync(ids[Taken - 1], NoError);
                foreach (int id in ids[..Taken])
                {
                    bodies.Add(connection.Body(id));
                    await connection.AnswerAsync(id);
                }
                await connection.Closed;
            },
            async connection =>
            {
                foreach (int id in await connection.RequestsAsync(Streams - Taken))
                {
                    bodies.Add(connection.Body(id));
                    await connection.AnswerAsync(id);
                }
                await connection.Closed;
            }
        )
        {
            OnHandler = handler => handler.EnableMultipleHttp2Connections = false,
        };
        var client = wire.Client();
        string[] texts = await Task.WhenAll(
            Enumerable
                .Range(0, Streams)
                .Select(async call =>
                {
                    string text = "";
                    await foreach (string piece in client.StreamTextAsync($"call {call}.", wire.Token))
                        text += piece;
                    return text;
                })
        );
        Assert.All(texts, text => Assert.Equal("Hi you", text));
        // Each was answered once, and none waited.
        for (int call = 0; call < Streams; call++)
            Assert.Single(bodies, body => body.Contains($"call {call}.", StringComparison.Ordinal));
        Assert.Equal([Streams, Streams - Taken], wire.Connections.Select(connection => connection.Begun));
        Assert.Empty(wire.Time.Waits);
    }

    [Fact]
    [Case(33)]
    public async Task GoAway_CoveringStream_StreamCompletes()
    {
        var hasRead = Signal();
        await using var wire = new Http2Wire(async connection =>
        {
            int id = await connection.RequestAsync();
            await connection.HeadersAsync(id);
            await connection.DataAsync(id, Answers.Role + Answers.Hi);
            await hasRead.Task;
            // As a server does in a graceful shutdown: first with the highest stream number, then with the last one (RFC 9113, section
            // 6.8).
            await connection.GoAwayAsync(int.MaxValue, NoError);
            await connection.GoAwayAsync(id, NoError);
            await connection.DataAsync(id, Answers.You + Answers.Stop + Answers.End, ends: true);
            await connection.Closed;
        });
        var client = wire.Client();
        string text = "";
        await foreach (string piece in client.StreamTextAsync("Hi", wire.Token))
        {
            text += piece;
            hasRead.TrySetResult();
        }
        Assert.Equal("Hi you", text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Case(33, 154)]
    public async Task GoAway_AfterFirstEvent_ThrowsConnectionLostAndDoesNotRetry(bool isCovered)
    {
        var hasRead = Signal();
        await using var wire = new Http2Wire(async connection =>
        {
            int id = await connection.RequestAsync();
            await connection.HeadersAsync(id);
            await connection.DataAsync(id, Answers.Role + Answers.Hi);
            await hasRead.Task;
            // Either the request is covered but the connection then closes, or it is not covered although part of the answer was sent.
            await connection.GoAwayAsync(isCovered ? id : 0, NoError);
        });
        var client = wire.Client();
        var (text, error) = await ReadFails(client, hasRead.SetResult, wire.Token);
        Assert.Equal(("Hi", LlmErrorKind.ConnectionLost, true, false), (text, error.Kind, error.OutputCommitted, error.IsRetryable));
        Assert.Equal(1, wire.Connections.Single().Begun);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Case(33)]
    public async Task GoAway_BeforeAnswer_IsRetried(bool isCovered)
    {
        await using var wire = new Http2Wire(
            async connection =>
            {
                await connection.GoAwayAsync(isCovered ? await connection.RequestAsync() : await connection.RequestAsync() - 1, NoError);
                // If it closed at once, the connection could be lost before the client processes the frame.
                if (!isCovered)
                    await connection.Closed;
            },
            async connection =>
            {
                await connection.AnswerAsync(await connection.RequestAsync());
                await connection.Closed;
            }
        );
        var client = wire.Client();
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        // A request that may have been processed backs off; one that provably was not does not.
        Assert.Equal(isCovered ? 1 : 0, wire.Time.Waits.Count);
    }

    [Fact]
    [Case(79)]
    public async Task StreamEnd_BeforeEndMarker_ThrowsStreamTruncated()
    {
        await using var wire = new Http2Wire(async connection =>
        {
            int id = await connection.RequestAsync();
            await connection.HeadersAsync(id);
            await connection.DataAsync(id, Answers.Role + Answers.Hi, ends: true);
            await connection.Closed;
        });
        var client = wire.Client();
        var (text, error) = await ReadFails(client, () => { }, wire.Token);
        Assert.Equal(("Hi", LlmErrorKind.StreamTruncated, true), (text, error.Kind, error.OutputCommitted));
    }

    [Fact]
    [Case(16)]
    public async Task Connection_ClosedInsideFrame_ThrowsConnectionLost()
    {
        var hasRead = Signal();
        await using var wire = new Http2Wire(async connection =>
        {
            int id = await connection.RequestAsync();
            await connection.HeadersAsync(id);
            await connection.DataAsync(id, Answers.Role + Answers.Hi);
            await hasRead.Task;
            // A data frame that announces more bytes than it contains.
            await connection.SendAsync([0x00, 0x40, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, (byte)id, .. "data: [DONE]\n\n"u8]);
        });
        var client = wire.Client();
        var (text, error) = await ReadFails(client, hasRead.SetResult, wire.Token);
        Assert.Equal(("Hi", LlmErrorKind.ConnectionLost, true), (text, error.Kind, error.OutputCommitted));
    }

    [Fact]
    [Case(26)]
    public async Task Frames_Invalid_ThrowLlmException()
    {
        byte[][] frames =
        [
            // Data on stream 0; headers that are not HPACK; a frame larger than allowed; settings of an odd length; a window update of
            // zero.
            [0, 0, 1, 0, 1, 0, 0, 0, 0, 0],
            [0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 0xff],
            [0xff, 0xff, 0xff, 0, 1, 0, 0, 0, 1],
            [0, 0, 5, 4, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5],
            [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ];
        foreach (byte[] frame in frames)
        {
            await using var wire = new Http2Wire(async connection =>
            {
                await connection.RequestAsync();
                await connection.SendAsync(frame);
                await connection.Closed;
            });
            var client = wire.Client(LlmClientOptions.Default with { Retries = LlmRetries.None });
            var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", wire.Token));
            Assert.True(error.Kind is LlmErrorKind.ConnectionLost or LlmErrorKind.ProtocolViolation, $"{error.Kind}");
        }
    }

    [Fact]
    [Case(145)]
    public async Task Reader_StopsEarly_ResetsOnlyItsStream()
    {
        await using var wire = new Http2Wire(async connection =>
        {
            int left = await connection.RequestAsync();
            await connection.HeadersAsync(left);
            await connection.DataAsync(left, Answers.Role + Answers.Hi);
            Assert.Equal(Cancelled, await connection.ResetByClientAsync(left));
            // The connection itself is kept for the next call.
            await connection.AnswerAsync(await connection.RequestAsync());
            await connection.Closed;
        });
        var client = wire.Client();
        await foreach (string _ in client.StreamTextAsync("Hi", wire.Token))
            break;
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
    }

    [Fact]
    [Case(143)]
    public async Task Cancel_BeforeHeadersOrInBody_ResetsStream()
    {
        using var before = new CancellationTokenSource();
        using var within = new CancellationTokenSource();
        await using var wire = new Http2Wire(async connection =>
        {
            int id = await connection.RequestAsync();
            await before.CancelAsync();
            Assert.Equal(Cancelled, await connection.ResetByClientAsync(id));
            id = await connection.RequestAsync();
            await connection.HeadersAsync(id);
            await connection.DataAsync(id, Answers.Role + Answers.Hi);
            Assert.Equal(Cancelled, await connection.ResetByClientAsync(id));
            await connection.Closed;
        });
        var client = wire.Client();
        Assert.Equal(
            before.Token,
            (await Assert.ThrowsAsync<OperationCanceledException>(() => client.SendAsync("Hi", before.Token))).CancellationToken
        );
        var error = await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach (string _ in client.StreamTextAsync("Hi", within.Token))
                await within.CancelAsync();
        });
        Assert.Equal(within.Token, error.CancellationToken);
    }

    [Fact]
    [Case(67)]
    public async Task EndMarker_StreamStaysOpen_CompletesAndResetsStream()
    {
        await using var wire = new Http2Wire(async connection =>
        {
            int id = await connection.RequestAsync();
            await connection.HeadersAsync(id);
            await connection.DataAsync(id, Answers.All);
            Assert.Equal(Cancelled, await connection.ResetByClientAsync(id));
            await connection.Closed;
        });
        var client = wire.Client();
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ErrorResponse_BeforeRequestIsSent_KeepsRemainingRequestBytesIntact(bool isStream)
    {
        // Longer than the initial window allows (RFC 9113, section 6.9.2).
        string prompt = new('p', 200_000);
        var hasEnded = Signal();
        var isSent = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var wire = new Http2Wire(async connection =>
        {
            int id = await connection.HeadAsync();
            await connection.HeadersAsync(id, status: 400, ends: true);
            await hasEnded.Task;
            await connection.AllowAsync(id, 1 << 20);
            Assert.Equal(id, await connection.RequestAsync());
            isSent.SetResult(connection.Body(id));
            await connection.Closed;
        });
        var client = wire.Client(LlmClientOptions.Default with { KeptRequestBytes = 0 });
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            isStream ? client.StreamAsync(prompt, wire.Token) : client.SendAsync(prompt, wire.Token)
        );
        Assert.Equal(400, error.Status);
        hasEnded.SetResult();
        Assert.Contains(prompt, await isSent.Task.WaitAsync(wire.Token), StringComparison.Ordinal);
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Data that came before a reset is delivered only if it was read before the reset: the platform drops what it still holds.
    private static async Task<(string Text, LlmException Error)> ReadFails(
        LlmClient client,
        Action read,
        CancellationToken cancellationToken
    )
    {
        string text = "";
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            await using var stream = await client.StreamAsync("Hi", cancellationToken);
            while (await stream.ReadAsync(cancellationToken))
            {
                if (stream.Current.Kind != StreamEventKind.Text)
                    continue;
                text += stream.Current.ToString();
                read();
            }
        });
        return (text, error);
    }
}
