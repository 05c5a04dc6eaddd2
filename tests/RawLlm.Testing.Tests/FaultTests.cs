using System.Text;
using RawLlm.Testing.Tests.Support;

namespace RawLlm.Testing.Tests;

/// <summary>Each fault leads to the error that docs/errors.md promises for it.</summary>
public sealed class FaultTests
{
    private static readonly LlmClientOptions Once = new() { Retries = LlmRetries.None };

    public static IEnumerable<object[]> Ways => ScriptedServerTests.Ways;

    public static IEnumerable<object[]> WireNames => ScriptedServerTests.WireNames;

    public static IEnumerable<object[]> Kinds => ScriptedServerTests.Kinds;

    public static IEnumerable<object[]> CutWays =>
        ScriptedServerTests.WireNames.SelectMany(wire => Enum.GetValues<CutKind>().Select(how => new object[] { wire[0], how }));

    // Gemini and Ollama send tool calls whole.
    public static IEnumerable<object[]> CallCutWays => CutWays.Where(way => way[0] is not ("gemini" or "ollama"));

    // The events of Bedrock's InvokeModel are base64.
    public static IEnumerable<object[]> TextWires => WireNames.Where(wire => wire[0] is not "bedrock-invoke");

    [Theory]
    [MemberData(nameof(CutWays))]
    public async Task Cut_AfterPieces_ThrowsWithPartialText(string wire, CutKind how)
    {
        using var server = new ScriptedServer().Answer("One two three four", Fault.CutAfterPieces(2, how));
        var e = await FailAsync(server, wire, isStream: true);

        Assert.Equal(how == CutKind.End ? LlmErrorKind.StreamTruncated : LlmErrorKind.ConnectionLost, e.Kind);
        Assert.Equal("One two ", e.Partial?.Text);
    }

    [Theory]
    [MemberData(nameof(CallCutWays))]
    public async Task Cut_InsideToolCall_LeavesItIncomplete(string wire, CutKind how)
    {
        using var server = new ScriptedServer().AnswerWithCall("weather", """{"city":"Oslo","days":3}""", Fault.CutAfterPieces(2, how));
        var e = await FailAsync(server, wire, isStream: true);

        var call = Assert.Single(e.Partial!.ToolCalls);
        Assert.Equal(("weather", "{\"city\":\"Oslo\",\"", false), (call.Name, call.Arguments, call.IsComplete));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Cut_AtAnyByte_ThrowsConnectionLost(string wire, bool isStream)
    {
        int whole = (await BytesAsync(wire, isStream)).Length;
        int last = LastNeeded(await BytesAsync(wire, isStream), wire, isStream);
        Assert.InRange(last, whole / 2, whole);
        for (int bytes = 0; bytes < last; bytes += 1 + bytes / 40)
        {
            using var server = new ScriptedServer().Answer("One two", Fault.CutAfterBytes(bytes));
            var e = await FailAsync(server, wire, isStream);

            Assert.Equal(LlmErrorKind.ConnectionLost, e.Kind);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Bytes_InReadsOfAnySize_ReturnSameAnswer(string wire, bool isStream)
    {
        const string Text = "Grüße aus 日本, 🎉 dazu";
        IReadOnlyList<Fault>[] ways =
        [
            [Fault.OneByteReads],
            [Fault.SplitCharacters],
            [Fault.SmallReads(7)],
            [Fault.SplitCharacters, Fault.SmallReads(5), Fault.KeepAlives],
        ];
        foreach (var faults in ways)
        {
            using var server = new ScriptedServer().Answer(ScriptedAnswer.Text(Text).WithReasoning("Hm, ja."), faults);
            var reply = await ScriptedServerTests.AskAsync(server, wire, isStream, Once with { Strict = true });

            Assert.Equal((Text, "Hm, ja."), (reply.Text, reply.Reasoning));
        }
    }

    [Theory]
    [MemberData(nameof(TextWires))]
    public async Task SplitCharacters_InText_EndsReadInsideEachCharacter(string wire)
    {
        using var server = new ScriptedServer().Answer("üü", Fault.SplitCharacters);
        var reads = await ReadsAsync(server, wire);

        // Responses repeats its text several times.
        Assert.InRange(reads.Count(read => read[^1] == 0xC3), 2, wire == "responses" ? 8 : 2);
    }

    [Theory]
    [MemberData(nameof(WireNames))]
    public async Task KeepAlives_BetweenEvents_ChangeNothing(string wire)
    {
        using var server = new ScriptedServer().Answer("One two", Fault.KeepAlives).Answer("One two");
        byte[] with = await BytesOfStreamAsync(server, wire);
        byte[] without = await BytesOfStreamAsync(server, wire);

        Assert.Equal(wire is "converse" or "bedrock-invoke", with.Length == without.Length);
        using var again = new ScriptedServer().Answer("One two", Fault.KeepAlives);
        Assert.Equal("One two", (await ScriptedServerTests.AskAsync(again, wire, true, Once with { Strict = true })).Text);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Stall_WithoutEnd_ThrowsIdleTimeout(string wire, bool isStream)
    {
        using var server = new ScriptedServer().Answer("One two three", Fault.StallAfterBytes(60));
        var time = new ManualTime();
        var asking = ScriptedServerTests.AskAsync(server, wire, isStream, Once with { Time = time });
        await time.AdvanceUntilAsync(asking);

        Assert.Equal(LlmErrorKind.IdleTimeout, (await Assert.ThrowsAsync<LlmException>(() => asking)).Kind);
    }

    [Fact]
    public async Task Stall_Cancelled_ThrowsOperationCanceledException()
    {
        using var server = new ScriptedServer().Answer("One two three", Fault.StallAfterPieces(1)).Answer("One", Fault.StallBeforeHead());
        using var cancellation = new CancellationTokenSource();
        using var client = server.CreateClient(Providers.Anthropic, "m", Once);
        await using var stream = await client.StreamAsync("Hello", cancellation.Token);
        while (await stream.ReadAsync() && stream.Current.Kind != StreamEventKind.Text) { }
        var next = stream.ReadAsync().AsTask();
        Assert.False(next.IsCompleted);
        var head = client.SendAsync("Hello", cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => head);
    }

    [Fact]
    public async Task Stall_WithDuration_UsesServerTimeProvider()
    {
        var time = new ManualTime { Hurries = true };
        using var server = new ScriptedServer(time).Answer(
            "One two",
            Fault.StallBeforeHead(TimeSpan.FromSeconds(3)),
            Fault.StallAfterPieces(1, TimeSpan.FromSeconds(40))
        );

        Assert.Equal("One two", (await ScriptedServerTests.AskAsync(server, "anthropic", true, Once)).Text);
        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(40)], time.Waits);
    }

    [Fact]
    public async Task Drip_OfBody_WaitsBetweenReads()
    {
        var time = new ManualTime { Hurries = true };
        using var server = new ScriptedServer(time).Answer("One two", Fault.Drip(50, TimeSpan.FromSeconds(2)));
        int length = (await BytesAsync("gemini", true)).Length;

        Assert.Equal("One two", (await ScriptedServerTests.AskAsync(server, "gemini", true, Once)).Text);
        Assert.All(time.Waits, wait => Assert.Equal(TimeSpan.FromSeconds(2), wait));
        Assert.InRange(time.Waits.Count, length / 50 - 2, length / 50 + 2);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task HtmlPage_InsteadOfAnswer_ThrowsErrorForStatus(string wire, bool isStream)
    {
        using var server = new ScriptedServer()
            .Answer("One", Fault.HtmlPage())
            .Answer("One", Fault.HtmlPage(502))
            .Answer("One", Fault.HtmlPage(403));

        Assert.Equal(LlmErrorKind.UnexpectedContentType, (await FailAsync(server, wire, isStream)).Kind);
        Assert.Equal((LlmErrorKind.ServerError, 502), await KindAndStatusAsync());
        Assert.Equal((LlmErrorKind.PermissionDenied, 403), await KindAndStatusAsync());

        async Task<(LlmErrorKind, int?)> KindAndStatusAsync()
        {
            var e = await FailAsync(server, wire, isStream);
            return (e.Kind, e.Status);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Error_InNonStreamingAnswerWithStatus200_ThrowsErrorOfThatKind(string wire, LlmErrorKind kind)
    {
        using var server = new ScriptedServer().Answer("One", Fault.ErrorInStream(kind));
        var e = await FailAsync(server, wire, isStream: false);

        Assert.Equal(kind, e.CauseKind ?? e.Kind);
    }

    [Theory]
    [MemberData(nameof(WireNames))]
    public async Task NoEndMark_InStream_RecordsQuirkOrThrows(string wire)
    {
        using var server = new ScriptedServer().Answer("One two", Fault.NoEndMark);
        if (wire is "chat-completions" or "converse")
        {
            var reply = await ScriptedServerTests.AskAsync(server, wire, true, Once);
            Assert.Equal("One two", reply.Text);
            Assert.Contains(reply.Quirks, quirk => quirk.Kind == QuirkKind.MissingSentinel);
            return;
        }
        var e = await FailAsync(server, wire, isStream: true);
        Assert.Equal((LlmErrorKind.StreamTruncated, "One two"), (e.Kind, e.Partial?.Text));
    }

    [Theory]
    [MemberData(nameof(WireNames))]
    public async Task ToolCalls_WithoutIndex_AreSeparated(string wire)
    {
        using var server = new ScriptedServer().Answer(
            ScriptedAnswer.Call("weather", """{"city":"Oslo"}""").WithCall("weather", """{"city":"Rome"}"""),
            Fault.CallsWithoutIndex
        );
        var reply = await ScriptedServerTests.AskAsync(server, wire, true, Once);

        Assert.Equal(["""{"city":"Oslo"}""", """{"city":"Rome"}"""], reply.CompletedToolCalls.Select(call => call.Arguments));
        Assert.Equal(wire is "gemini" or "ollama", reply.Quirks.Count == 0);
    }

    [Fact]
    public async Task Connection_RefusedOrReset_ThrowsErrorOfThatKind()
    {
        using var server = new ScriptedServer().Answer("One", Fault.RefusedConnection).Answer("One", Fault.ResetBeforeHead);

        Assert.Equal(LlmErrorKind.ConnectFailed, (await FailAsync(server, "anthropic", true)).Kind);
        Assert.Equal(LlmErrorKind.ConnectionLost, (await FailAsync(server, "anthropic", true)).Kind);
    }

    [Fact]
    public async Task Fault_OnRefusalOrRawAnswer_IsApplied()
    {
        using var server = new ScriptedServer()
            .Refuse(LlmErrorKind.Overloaded, faults: Fault.HtmlPage(502))
            .AnswerRaw(200, "application/json", """{"a":1}""", faults: Fault.CutAfterBytes(3))
            .AnswerRaw(200, "application/json", "{}", faults: Fault.HtmlPage());

        Assert.Equal(LlmErrorKind.ServerError, (await FailAsync(server, "gemini", true)).Kind);
        Assert.Equal(LlmErrorKind.ConnectionLost, (await FailAsync(server, "gemini", false)).Kind);
        Assert.Equal(LlmErrorKind.UnexpectedContentType, (await FailAsync(server, "gemini", false)).Kind);
    }

    [Fact]
    public void Fault_WithInvalidNumbers_ThrowsArgumentOutOfRangeException()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Fault.CutAfterPieces(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fault.SmallReads(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fault.StallBeforeHead(TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fault.HtmlPage(1000));
    }

    [Fact]
    public async Task Failure_BeforeOutput_IsRetried()
    {
        using var server = new ScriptedServer().Refuse(LlmErrorKind.Overloaded).Answer("One", Fault.ResetBeforeHead).Answer("Two");
        var reply = await ScriptedServerTests.AskAsync(
            server,
            "anthropic",
            true,
            new LlmClientOptions { Retries = LlmRetries.Default with { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero } }
        );

        Assert.Equal("Two", reply.Text);
        Assert.Equal([LlmErrorKind.Overloaded, LlmErrorKind.ConnectionLost], reply.Attempts.Select(attempt => attempt.Kind));
    }

    [Fact]
    public async Task Fault_AfterEndOfAnswer_ThrowsInvalidOperationException()
    {
        using var server = new ScriptedServer()
            .Answer("One two", Fault.CutAfterPieces(3))
            .Answer("One two", Fault.StallAfterBytes(100_000))
            .Answer("One", Fault.ErrorInStream(LlmErrorKind.Overloaded, 5));

        for (int i = 0; i < 3; i++)
        {
            var e = await Assert.ThrowsAsync<InvalidOperationException>(() =>
                ScriptedServerTests.AskAsync(server, "chat-completions", true, Once)
            );
            Assert.Contains("pieces", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Fault_Recorded_ReplaysSameResult(string wire, bool isStream)
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<Fault>[] ways =
        [
            [],
            [Fault.OneByteReads],
            [Fault.SplitCharacters],
            [Fault.KeepAlives],
            [Fault.CutAfterBytes(50)],
            [Fault.CutAfterBytes(50, CutKind.Reset)],
            [Fault.CutAfterBytes(50, CutKind.End)],
            [Fault.HtmlPage()],
            [Fault.HtmlPage(502)],
            [Fault.ErrorInStream(LlmErrorKind.RateLimited)],
            [Fault.NoEndMark],
            [Fault.RefusedConnection],
            [Fault.ResetBeforeHead],
        ];
        for (int i = 0; i < ways.Length; i++)
        {
            string path = folder.File($"{i}.json");
            string recorded;
            using (
                var cassette = Cassette.Open(
                    path,
                    mode: CassetteMode.Record,
                    inner: new ScriptedServer().Answer(
                        ScriptedAnswer.Text("Grüße, 🎉 you").WithCall("weather", """{"city":"Oslo"}"""),
                        ways[i]
                    )
                )
            )
            {
                recorded = await TellAsync(
                    new LlmClient(
                        ScriptedServerTests.Provider(wire) with
                        {
                            Credential = Credential.Bearer("key-0123456789"),
                        },
                        "m",
                        Once,
                        cassette.Http
                    ),
                    isStream
                );
            }

            Assert.DoesNotContain("key-0123456789", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
            using var replayed = Cassette.Open(path, mode: CassetteMode.Replay);

            Assert.Equal(recorded, await TellAsync(replayed.CreateClient(ScriptedServerTests.Provider(wire), "m", Once), isStream));
            replayed.AssertAllPlayed();
        }
    }

    private static async Task<string> TellAsync(LlmClient client, bool isStream)
    {
        try
        {
            if (!isStream)
                return Tell(await client.SendAsync("Hello"));
            await using var stream = await client.StreamAsync("Hello");
            return Tell(await stream.ReplyAsync());
        }
        catch (LlmException e)
        {
            return $"{e.Kind} {e.CauseKind} {e.Status} {e.Message} {(e.Partial is { } partial ? Tell(partial) : "")}";
        }

        static string Tell(ChatReply reply) =>
            $"{reply.Text} {string.Join(", ", reply.ToolCalls.Select(call => $"{call} {call.Arguments}"))} {reply.StopReason} {reply.Usage} {string.Join(", ", reply.Quirks)}";
    }

    private static Task<LlmException> FailAsync(ScriptedServer server, string wire, bool isStream) =>
        Assert.ThrowsAsync<LlmException>(() => ScriptedServerTests.AskAsync(server, wire, isStream, Once));

    // How many bytes make a whole answer: without trailing white space, and without what follows the end mark of chat completions.
    private static int LastNeeded(byte[] body, string wire, bool isStream)
    {
        if (!isStream || wire is "converse" or "bedrock-invoke")
            return body.Length;
        string text = Encoding.Latin1.GetString(body);
        return wire switch
        {
            "chat-completions" => text.IndexOf("[DONE]", StringComparison.Ordinal) + "[DONE]".Length,
            _ => text.TrimEnd().Length,
        };
    }

    private static async Task<byte[]> BytesAsync(string wire, bool isStream)
    {
        using var server = new ScriptedServer().Answer("One two");
        return isStream
            ? await BytesOfStreamAsync(server, wire)
            : [.. (await ReadsAsync(server, wire, isStream: false)).SelectMany(read => read)];
    }

    private static async Task<byte[]> BytesOfStreamAsync(ScriptedServer server, string wire) =>
        [.. (await ReadsAsync(server, wire)).SelectMany(read => read)];

    private static async Task<List<byte[]>> ReadsAsync(ScriptedServer server, string wire, bool isStream = true)
    {
        // Sends a client's request and returns each read of the answer's body.
        var reads = new List<byte[]>();
        using var tap = new ReadTap(server, reads);
        using var http = new HttpClient(tap, disposeHandler: false);
        using var client = KeylessClient.Create(KeylessClient.Keyless(ScriptedServerTests.Provider(wire)), "m", Once, http);
        await TellAsync(client, isStream);
        return reads;
    }
}
