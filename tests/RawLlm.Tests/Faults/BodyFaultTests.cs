using System.IO.Compression;
using System.Text;
using RawLlm.Protocols;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>Section C: bodies that are compressed, of another type, empty or endless.</summary>
[Collection(Allocation.AllocationCollection.Name)]
public sealed class BodyFaultTests(ITestOutputHelper output)
{
    [Fact]
    [Case(36)]
    public async Task Stream_AnyRequest_SendsAcceptEncodingIdentity()
    {
        using var wire = new FaultWire(Answers.Stream);
        Assert.Equal("Hi you", await FaultRun.Text(wire.Client(), wire.Token));
        Assert.Contains("Accept-Encoding: identity\r\n", wire.Requests[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("GZIP")]
    [InlineData("identity")]
    [InlineData("identity, gzip")]
    [Case(36)]
    public async Task Body_CompressedUnrequested_IsRead(string encoding)
    {
        using var whole = new FaultWire(
            Script.OnRequest.Answer(200, "application/json", Pack(encoding, Answers.Whole), $"Content-Encoding: {encoding}")
        );
        Assert.Equal("Hi you", (await whole.Client().SendAsync("Hi", whole.Token)).Text);
        using var wire = new FaultWire(
            Script.OnRequest.Sse($"Content-Encoding: {encoding}").Chunk(Pack(encoding, Answers.All)).LastChunk()
        );
        Assert.Equal("Hi you", await FaultRun.Text(wire.Client(), wire.Token));
        using var error = new FaultWire(
            Script.OnRequest.Answer(
                401,
                "application/json",
                Pack(encoding, """{"error":{"message":"bad","code":"invalid_api_key"}}"""),
                $"Content-Encoding: {encoding}"
            )
        );
        Assert.Equal("invalid_api_key", (await FaultRun.WholeFails(error)).ProviderCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [Case(37)]
    public async Task Body_DecompressionBomb_IsRejectedWithLittleMemory(string encoding)
    {
        byte[] bomb = Bomb(encoding);
        long peak = await Peak(async () =>
        {
            using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", bomb, $"Content-Encoding: {encoding}"));
            var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
            Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.DecompressionRatio, false), (error.Kind, error.Limit, error.IsRetryable));
        });
        output.WriteLine($"{encoding}: {peak:N0} bytes allocated for {bomb.Length:N0} bytes that unpack to 256 MiB");
        Assert.True(peak < 4 << 20, $"{peak:N0} bytes allocated for {bomb.Length:N0}");
    }

    [Theory]
    [InlineData("gzip, gzip")]
    [InlineData("br, gzip")]
    [InlineData("zstd")]
    [InlineData("compress")]
    [Case(38)]
    public async Task ContentEncoding_NestedOrUnknown_IsRejected(string encoding)
    {
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", "xxxxx", $"Content-Encoding: {encoding}"));
        var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
        Assert.Equal((LlmErrorKind.DecompressionFailed, false), (error.Kind, error.IsRetryable));
        // The body of an error cannot be read, but its status can.
        using var refused = new FaultWire(Script.OnRequest.Answer(401, "application/json", "xxxxx", $"Content-Encoding: {encoding}"));
        Assert.Equal(LlmErrorKind.Authentication, (await FaultRun.WholeFails(refused)).Kind);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [Case(39, 41)]
    public async Task CompressedBody_CorruptOrNotCompressed_ThrowsDecompressionFailed(string encoding)
    {
        byte[] corrupt = Pack(encoding, Answers.Whole + new string(' ', 5000));
        corrupt.AsSpan(corrupt.Length / 3).Fill(0xFF);
        foreach (byte[] body in (byte[][])[corrupt, Encoding.UTF8.GetBytes(Answers.Whole)])
        {
            using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", body, $"Content-Encoding: {encoding}"));
            Assert.Equal(LlmErrorKind.DecompressionFailed, (await FaultRun.WholeFails(wire)).Kind);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [Case(40)]
    public async Task CompressedBody_Truncated_ThrowsLlmException(string encoding)
    {
        byte[] packed = Pack(encoding, Answers.Whole);
        byte[] stream = Pack(
            encoding,
            Answers.All.Replace(Answers.End, "", StringComparison.Ordinal)
                + string.Concat(Enumerable.Range(0, 400).Select(i => $": {i * 7919}\n"))
                + Answers.End
        );
        using var whole = new FaultWire(
            Script.OnRequest.Answer(200, "application/json", packed[..(packed.Length / 2)], $"Content-Encoding: {encoding}")
        );
        Assert.Contains(
            (await FaultRun.WholeFails(whole)).Kind,
            (LlmErrorKind[])[LlmErrorKind.StreamTruncated, LlmErrorKind.DecompressionFailed]
        );
        using var wire = new FaultWire(
            Script.OnRequest.Sse($"Content-Encoding: {encoding}").Chunk(stream[..(stream.Length / 10)]).LastChunk()
        );
        Assert.Contains(
            (await FaultRun.StreamFails(wire)).Error.Kind,
            (LlmErrorKind[])[LlmErrorKind.StreamTruncated, LlmErrorKind.DecompressionFailed]
        );
    }

    [Theory]
    [InlineData(502, LlmErrorKind.ServerError)]
    [InlineData(503, LlmErrorKind.Overloaded)]
    [InlineData(504, LlmErrorKind.ServerError)]
    [InlineData(403, LlmErrorKind.PermissionDenied)]
    [InlineData(451, LlmErrorKind.PermissionDenied)]
    [Case(43, 137)]
    public async Task WebPage_ErrorStatus_IsClassifiedByStatusAndNotShown(int status, LlmErrorKind kind)
    {
        using var wire = new FaultWire(
            Script.OnRequest.Answer(status, "text/html", "<html><title>Bad gateway</title><body>secret-body {\"error\":1}</body></html>")
        );
        var error = await FaultRun.WholeFails(wire);
        Assert.Equal(kind, error.Kind);
        Assert.DoesNotContain("secret-body", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Case(44)]
    public async Task Stream_NonStreamingAnswer_IsReadWithQuirk()
    {
        using var wire = new FaultWire(Answers.WholeAnswer);
        await using var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        Assert.Equal("Hi you", (await stream.ReplyAsync(wire.Token)).Text);
        Assert.Contains(stream.Quirks, quirk => quirk.Kind == QuirkKind.StreamDowngraded);
        using var error = new FaultWire(
            Script.OnRequest.Answer(200, "application/json", """{"error":{"message":"slow down","code":"rate_limit_exceeded"}}""")
        );
        Assert.Equal(LlmErrorKind.RateLimited, (await FaultRun.StreamFails(error)).Error.Kind);
    }

    [Fact]
    [Case(45)]
    public async Task NonStreaming_AnsweredAsStream_IsCollectedWithQuirk()
    {
        using var wire = new FaultWire(Answers.Stream);
        var reply = await wire.Client().SendAsync("Hi", wire.Token);
        Assert.Equal("Hi you", reply.Text);
        Assert.Contains(reply.Quirks, quirk => quirk.Kind == QuirkKind.StreamUnrequested);
    }

    [Fact]
    [Case(45)]
    public async Task NonStreaming_AnsweredAsStreamInStrictMode_ThrowsMalformedResponse()
    {
        var strict = FaultRun.Once with { Strict = true };
        using var wire = new FaultWire(Answers.Stream);
        var error = await FaultRun.WholeFails(wire, strict);
        Assert.Equal((LlmErrorKind.MalformedResponse, "Strict decoding: StreamUnrequested at Content-Type."), (error.Kind, error.Message));
        using var downgraded = new FaultWire(Answers.WholeAnswer);
        var other = (await FaultRun.StreamFails(downgraded, strict)).Error;
        Assert.Equal((error.Kind, "Strict decoding: StreamDowngraded at Content-Type."), (other.Kind, other.Message));

        // A stream that was asked for is not a quirk.
        var provider = FaultWire.Compatible() with
        {
            Protocol = new ChatCompletionsProtocol { MaxNonStreamingTokens = 100 },
        };
        using var asked = new FaultWire(Answers.Stream);
        Assert.Equal(
            "Hi you",
            (await asked.Client(strict, provider).SendAsync(ChatRequest.Ask("Hi") with { MaxTokens = 200 }, asked.Token)).Text
        );
    }

    [Theory]
    [InlineData("application/json", "")]
    [InlineData("text/plain", "")]
    [InlineData("text/html", "")]
    [InlineData(null, "")]
    [InlineData("application/json", "\r\n: waiting\n\n")]
    [Case(45)]
    public async Task NonStreaming_AnsweredAsStreamWithOtherMediaType_IsCollectedWithQuirks(string? type, string before)
    {
        string[] head = [.. type is null ? (string[])[] : [$"Content-Type: {type}"], "Transfer-Encoding: chunked"];
        using var wire = new FaultWire(Script.OnRequest.Head(200, head).Chunk(before + Answers.All).LastChunk());
        var reply = await wire.Client().SendAsync("Hi", wire.Token);
        Assert.DoesNotContain("\"stream\":true", Assert.Single(wire.Requests), StringComparison.Ordinal);
        Assert.Equal(("Hi you", true), (reply.Text, reply.IsComplete));
        Assert.Equal([QuirkKind.StreamUnrequested, QuirkKind.UnexpectedContentType], reply.Quirks.Select(quirk => quirk.Kind));
        using var cut = new FaultWire(Script.OnRequest.Head(200, head).Chunk(before + Answers.Role + Answers.Hi).LastChunk());
        var error = await FaultRun.WholeFails(cut);
        Assert.Equal((LlmErrorKind.StreamTruncated, "Hi"), (error.Kind, error.Partial?.Text));
        using var strict = new FaultWire(Script.OnRequest.Head(200, head).Chunk(before + Answers.All).LastChunk());
        await FaultRun.WholeFails(strict, FaultRun.Once with { Strict = true });
    }

    [Fact]
    [Case(45, 46)]
    public async Task NonStreaming_AnsweredAsStream_IsLimitedToReplyBytes()
    {
        var options = FaultRun.Once with { Limits = new LlmLimits { ReplyBytes = Answers.All.Length } };
        using var exact = new FaultWire(Answers.Stream);
        Assert.Equal("Hi you", (await exact.Client(options).SendAsync("Hi", exact.Token)).Text);
        using var longer = new FaultWire(Script.OnRequest.Sse().Chunk(": \n" + Answers.All).LastChunk());
        var error = await FaultRun.WholeFails(longer, options);
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.ReplyBytes, false), (error.Kind, error.Limit, error.IsRetryable));
        // If a stream was asked for, the limit for streams applies.
        var provider = FaultWire.Compatible() with
        {
            Protocol = new ChatCompletionsProtocol { MaxNonStreamingTokens = 100 },
        };
        using var asked = new FaultWire(Script.OnRequest.Sse().Chunk(": \n" + Answers.All).LastChunk());
        Assert.Equal(
            "Hi you",
            (await asked.Client(options, provider).SendAsync(ChatRequest.Ask("Hi") with { MaxTokens = 200 }, asked.Token)).Text
        );
    }

    [Theory]
    [InlineData("text/html", "")]
    [InlineData("text/event-stream", "")]
    [InlineData("text/event-stream", "\n  ")]
    [InlineData("text/plain", "\n")]
    [Case(42)]
    public async Task WebPage_AnyMediaType_ThrowsUnexpectedContentTypeWithoutRetry(string type, string before)
    {
        const string Page = "<!DOCTYPE html><html><title>Sign in</title><body>secret-body</body></html>";
        var script = Script
            .OnRequest.Head(200, $"Content-Type: {type}", "Transfer-Encoding: chunked")
            .Chunk(before + Page[..20])
            .Chunk(Page[20..])
            .LastChunk();
        using var wire = new FaultWire(script);
        using var whole = new FaultWire(script);
        using var hedged = new FaultWire(script);
        var chain = new FallbackChain([hedged.Client()], new FallbackOptions { HedgeAfter = TimeSpan.FromMinutes(1) });
        foreach (
            var error in (LlmException[])
                [
                    (await FaultRun.StreamFails(wire, LlmClientOptions.Default)).Error,
                    await FaultRun.WholeFails(whole, LlmClientOptions.Default),
                    await Assert.ThrowsAsync<LlmException>(async () =>
                        await (await chain.StreamAsync("Hi", hedged.Token)).ReplyAsync(hedged.Token)
                    ),
                ]
        )
        {
            Assert.Equal((LlmErrorKind.UnexpectedContentType, false), (error.Kind, error.IsRetryable));
            Assert.Contains("titled 'Sign in'", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-body", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("text/plain", 4096)]
    [InlineData("application/octet-stream", 1)]
    [InlineData("application/json", 4096)]
    [InlineData("application/json", 1)]
    [InlineData(null, 4096)]
    [Case(45)]
    public async Task NonStreaming_SentAsStreamAndOtherMediaType_IsCollected(string? type, int slice)
    {
        var provider = FaultWire.Compatible() with { Protocol = new ChatCompletionsProtocol { MaxNonStreamingTokens = 100 } };
        var head = Script.OnRequest.Head(200, [.. type is null ? (string[])[] : [$"Content-Type: {type}"], "Transfer-Encoding: chunked"]);
        for (int i = 0; i < Answers.All.Length; i += slice)
            head = head.Chunk(Answers.All[i..Math.Min(Answers.All.Length, i + slice)]);
        using var wire = new FaultWire(head.LastChunk());
        var reply = await wire.Client(FaultRun.Once, provider).SendAsync(ChatRequest.Ask("Hi") with { MaxTokens = 200 }, wire.Token);
        Assert.Contains("\"stream\":true", Assert.Single(wire.Requests), StringComparison.Ordinal);
        Assert.Equal("Hi you", reply.Text);
        Assert.Contains(reply.Quirks, quirk => quirk.Kind == QuirkKind.UnexpectedContentType);
        Assert.DoesNotContain(reply.Quirks, quirk => quirk.Kind == QuirkKind.StreamUnrequested);
    }

    [Fact]
    [Case(46)]
    public async Task ErrorBody_Endless_IsReadUpToLimit()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Head(500, "Content-Type: application/json", "Transfer-Encoding: chunked")
                .Then(new Act.SendForever(Encoding.ASCII.GetBytes("400\r\n" + new string('x', 1024) + "\r\n")))
        );
        var error = await FaultRun.WholeFails(wire);
        Assert.Equal((LlmErrorKind.ServerError, 500), (error.Kind, error.Status));
        Assert.True(wire.Connections.Single().Taken < 200 << 10, $"{wire.Connections.Single().Taken}");
        Assert.True(wire.Connections.Single().IsClosed);
    }

    [Fact]
    [Case(46)]
    public async Task NonStreamingAnswer_Endless_IsReadUpToLimit()
    {
        var options = LlmClientOptions.Default with { Limits = new LlmLimits { ReplyBytes = 20_000 } };
        string blanks = "400\r\n" + new string(' ', 1024) + "\r\n";
        using var wire = new FaultWire(
            Script
                .OnRequest.Head(200, "Content-Type: application/json", "Transfer-Encoding: chunked")
                .Then(new Act.SendForever(Encoding.ASCII.GetBytes(blanks)))
        );
        var error = await FaultRun.WholeFails(wire, options);
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.ReplyBytes, false), (error.Kind, error.Limit, error.IsRetryable));
        Assert.True(wire.Connections.Single().Taken < 100 << 10, $"{wire.Connections.Single().Taken}");
        // An answer as long as the limit is accepted; one more byte is not.
        string exact = Answers.Whole + new string(' ', 20_000 - Answers.Whole.Length);
        using var whole = new FaultWire(Script.OnRequest.Answer(200, "application/json", exact));
        Assert.Equal("Hi you", (await whole.Client(options).SendAsync("Hi", whole.Token)).Text);
        using var longer = new FaultWire(Script.OnRequest.Answer(200, "application/json", exact + " "));
        Assert.Equal(LlmLimit.ReplyBytes, (await FaultRun.WholeFails(longer, options)).Limit);
    }

    [Theory]
    [InlineData("utf-16", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16le", false)]
    [InlineData("iso-8859-1", false)]
    [InlineData("iso-8859-1", true)]
    [InlineData("\"windows-1252\"", false)]
    [Case(47)]
    public async Task Charset_NotUtf8Bytes_ThrowsMalformedResponse(string charset, bool isMarked)
    {
        var encoding = charset.StartsWith("utf-16", StringComparison.Ordinal) ? Encoding.Unicode : Encoding.Latin1;
        byte[] Bytes(string text) =>
            [.. isMarked ? encoding.GetPreamble() : [], .. encoding.GetBytes(text.Replace("Hi", "Grüße", StringComparison.Ordinal))];
        using var whole = new FaultWire(Script.OnRequest.Answer(200, $"application/json; charset={charset}", Bytes(Answers.Whole)));
        using var stream = new FaultWire(Script.OnRequest.Answer(200, $"text/event-stream; charset={charset}", Bytes(Answers.All)));
        using var models = new FaultWire(
            Script.OnRequest.Answer(200, $"application/json; charset={charset}", Bytes("""{"data":[{"id":"Hi"}]}"""))
        );

        LlmException[] errors =
        [
            await FaultRun.WholeFails(whole),
            (await FaultRun.StreamFails(stream)).Error,
            await Assert.ThrowsAsync<LlmException>(() => models.Client(FaultRun.Once).ListModelsAsync(models.Token)),
        ];

        foreach (var error in errors)
        {
            Assert.Equal((LlmErrorKind.MalformedResponse, false, "m"), (error.Kind, error.IsRetryable, error.Model));
            Assert.Contains($"declares the charset {charset.Trim('"')}.", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("iso-8859-1")]
    [InlineData("utf-16")]
    [InlineData("UTF8")]
    [InlineData("US-ASCII")]
    [InlineData("of-its-own")]
    [Case(47)]
    public async Task Charset_WrongLabelOnUtf8Bytes_IsIgnored(string charset)
    {
        const string Text = "Grüße, 世界, 👋";
        string body = Answers.All.Replace("Hi", Text, StringComparison.Ordinal);
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        var script = Script.OnRequest.Head(200, $"Content-Type: text/event-stream; charset={charset}", "Transfer-Encoding: chunked");
        foreach (byte b in bytes)
            script = script.Chunk([b]);
        using var wire = new FaultWire(script.LastChunk());
        Assert.Equal(Text + " you", await FaultRun.Text(wire.Client(FaultRun.Once), wire.Token));
        using var whole = new FaultWire(
            Script.OnRequest.Answer(
                200,
                $"application/json; charset={charset}",
                Answers.Whole.Replace("Hi", Text, StringComparison.Ordinal)
            )
        );
        Assert.Equal(Text + " you", (await whole.Client().SendAsync("Hi", whole.Token)).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("; charset=iso-8859-1")]
    [Case(47)]
    public async Task Charset_StreamEndsInsideCharacter_ThrowsStreamTruncated(string label)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Answers.Role + Answers.Hi + Answers.You.Replace("you", "Grü", StringComparison.Ordinal));
        int cut = bytes.AsSpan().IndexOf("ü"u8) + 1;
        using var wire = new FaultWire(
            Script.OnRequest.Head(200, $"Content-Type: text/event-stream{label}", "Connection: close").Send(bytes[..cut]).Fin()
        );
        Assert.Equal(LlmErrorKind.StreamTruncated, (await FaultRun.StreamFails(wire)).Error.Kind);
    }

    [Fact]
    [Case(42, 47)]
    public async Task Charset_NotUtf8WebPageOrError_IsClassifiedAsUsual()
    {
        byte[] page = Encoding.Latin1.GetBytes("<html><title>Anmeldung für Gäste</title></html>");
        using var portal = new FaultWire(Script.OnRequest.Answer(200, "text/html; charset=iso-8859-1", page));
        Assert.Equal(LlmErrorKind.UnexpectedContentType, (await FaultRun.WholeFails(portal)).Kind);
        using var error = new FaultWire(
            Script.OnRequest.Answer(
                429,
                "application/json; charset=iso-8859-1",
                Encoding.Latin1.GetBytes("""{"error":{"message":"Zu viele für heute."}}""")
            )
        );
        var failure = await FaultRun.WholeFails(error);
        Assert.Equal(LlmErrorKind.RateLimited, failure.Kind);
        Assert.Contains("Zu viele", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Case(48)]
    public async Task BlankLines_BeforeAnswer_KeepRequestAlive()
    {
        var script = Script.OnRequest.Head(200, "Content-Type: application/json", "Transfer-Encoding: chunked");
        for (int i = 0; i < 8; i++)
            script = script.Chunk(new string('\n', 500)).Pass(60);
        using var wire = new FaultWire(script.Chunk(Answers.Whole).LastChunk());
        Assert.Equal("Hi you", (await wire.Client().SendAsync("Hi", wire.Token)).Text);
    }

    [Fact]
    [Case(49, 155)]
    public async Task EmptyBody_SuccessStatus_IsRetried()
    {
        var empty = Script.OnRequest.Answer(200, "application/json", "");
        using var one = new FaultWire(empty);
        var error = await FaultRun.WholeFails(one);
        Assert.Equal((LlmErrorKind.MalformedResponse, true), (error.Kind, error.IsRetryable));
        using var wire = new FaultWire(empty.Again().Answer(200, "application/json", Answers.Whole));
        Assert.Equal("Hi you", (await wire.Client().SendAsync("Hi", wire.Token)).Text);
        using var stream = new FaultWire(Script.OnRequest.Sse().LastChunk().Again().Sse().Chunk(Answers.All).LastChunk())
        {
            AllowsUnused = true,
        };
        Assert.Equal("Hi you", await FaultRun.Text(stream.Client(), stream.Token));
        using var emptyStream = new FaultWire(Script.OnRequest.Sse().LastChunk());
        Assert.Equal(LlmErrorKind.MalformedResponse, (await FaultRun.StreamFails(emptyStream)).Error.Kind);
    }

    [Fact]
    [Case(50)]
    public async Task ErrorBody_Truncated_IsClassifiedByStatus()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Head(429, "Content-Type: application/json", "Content-Length: 1000")
                .Send("""{"error":{"message":"slow do""")
                .Fin()
        );
        var error = await FaultRun.WholeFails(wire);
        Assert.Equal((LlmErrorKind.RateLimited, null), (error.Kind, error.ProviderCode));
    }

    [Theory]
    [InlineData(500, "application/json", LlmErrorKind.ServerError)]
    [InlineData(429, "application/json", LlmErrorKind.RateLimited)]
    [InlineData(200, "text/html", LlmErrorKind.UnexpectedContentType)]
    [Case(46, 141)]
    public async Task ErrorBody_SentVerySlowly_TimesOutAndIsClassifiedByStatus(int status, string type, LlmErrorKind kind)
    {
        var script = Script.OnRequest.Head(status, $"Content-Type: {type}", "Transfer-Encoding: chunked");
        for (int i = 0; i < 60; i++)
            script = script.Chunk(" ").Pass(60);
        using var wire = new FaultWire(script.LastChunk());
        var (_, error) = await FaultRun.StreamFails(wire);
        Assert.Equal((kind, status), (error.Kind, error.Status));
        Assert.InRange(wire.Time.GetElapsedTime(0).TotalSeconds, 299, 600);
    }

    private static byte[] Pack(string encoding, string text) => Pack(encoding, Encoding.UTF8.GetBytes(text));

    private static byte[] Pack(string encoding, byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var stream = Packer(encoding, packed))
            stream.Write(bytes);
        return packed.ToArray();
    }

    private static Stream Packer(string encoding, Stream packed) =>
        encoding.ToLowerInvariant() switch
        {
            "gzip" or "identity, gzip" => new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true),
            _ => new CopyStream(packed),
        };

    private static byte[] Bomb(string encoding)
    {
        var packed = new MemoryStream();
        using (var stream = Packer(encoding, packed))
        {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 256; i++)
                stream.Write(zeros);
        }
        return packed.ToArray();
    }

    private static async Task<long> Peak(Func<Task> run)
    {
        await run();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await run();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private sealed class CopyStream(Stream to) : MemoryStream
    {
        protected override void Dispose(bool disposing)
        {
            if (disposing)
                WriteTo(to);
            base.Dispose(disposing);
        }
    }
}
