using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using RawLlm.Testing.Tests.Support;
using RawLlm.Tests.Support;

namespace RawLlm.Testing.Tests;

public sealed class CassetteTests : IDisposable
{
    private const string Role =
        """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}""" + "\n\n";
    private const string Hi = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}""" + "\n\n";
    private const string Stop = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n";
    private const string End = "data: [DONE]\n\n";
    private const string Whole =
        """{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}""";

    private static readonly LlmClientOptions Once = new() { Retries = LlmRetries.None, Strict = true };

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("calls.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Replay_OfNonStreamingReply_ReturnsSameReply()
    {
        var recorded = await RecordAsync(Json(Whole), client => client.SendAsync("Hello"));
        using var replayer = new WireReplayer(Path);
        var replayed = await Client(replayer).SendAsync("Hello");

        Assert.Equal("Hi", recorded.Text);
        Assert.Equal("Hi", replayed.Text);
        Assert.Empty(recorded.Quirks);
        Assert.Empty(replayed.Quirks);
        replayer.AssertAllPlayed();
    }

    [Fact]
    public async Task Replay_OfStream_YieldsSameBytesInSameReads()
    {
        byte[] umlaut = Encoding.UTF8.GetBytes("ü");
        BodyStep[] body =
        [
            CannedHandler.Text(Role + Hi),
            BodyStep.Send(umlaut.AsMemory(0, 1)),
            BodyStep.Send(umlaut.AsMemory(1)),
            CannedHandler.Text("\n\n" + Stop),
            CannedHandler.Text(End),
        ];
        using (var recorder = new WireRecorder(Path, new CannedHandler(body)))
            Assert.Equal(body.Select(step => step.Bytes.ToArray()), await ReadsAsync(recorder));
        using var replayer = new WireReplayer(Path);

        Assert.Equal(body.Select(step => step.Bytes.ToArray()), await ReadsAsync(replayer));
        Assert.Equal(body.Length, File.ReadLines(Path).Count(line => line.TrimStart().StartsWith("{\"at\":", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Replay_OfStream_ReturnsSameAnswer()
    {
        await RecordAsync(
            new CannedHandler([CannedHandler.Text(Role), CannedHandler.Text(Hi + Stop), CannedHandler.Text(End)]),
            StreamAsync
        );
        using var replayer = new WireReplayer(Path);

        Assert.Equal("Hi", (await StreamAsync(Client(replayer))).Text);
    }

    [Fact]
    public async Task Recording_BodyIsStillOpen_PassesOnReceivedBytes()
    {
        using var recorder = new WireRecorder(Path, new CannedHandler([CannedHandler.Text(Role + Hi), BodyStep.WaitForever]));
        await using var stream = await Client(recorder).StreamAsync("Hello");

        while (await stream.ReadAsync() && stream.Current.Kind != StreamEventKind.Text) { }

        Assert.Equal("Hi", stream.Current.ToString());
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("cut")]
    public async Task Replay_OfLostConnection_FailsAtSamePlace(string how)
    {
        Func<Exception> failure =
            how == "reset"
                ? () => new IOException("x", new SocketException((int)SocketError.ConnectionReset))
                : () => new HttpIOException(HttpRequestError.ResponseEnded);
        var recorded = await RecordAsync(
            new CannedHandler([CannedHandler.Text(Role + Hi), BodyStep.Fail(failure)]),
            client => Assert.ThrowsAsync<LlmException>(() => StreamAsync(client))
        );
        using var replayer = new WireReplayer(Path);
        var replayed = await Assert.ThrowsAsync<LlmException>(() => StreamAsync(Client(replayer)));

        Assert.Equal(LlmErrorKind.ConnectionLost, recorded.Kind);
        Assert.Equal((recorded.Kind, recorded.Message, recorded.Partial?.Text), (replayed.Kind, replayed.Message, replayed.Partial?.Text));
        Assert.Equal("Hi", replayed.Partial?.Text);
    }

    [Fact]
    public async Task Replay_OfFailedRequest_ThrowsSameError()
    {
        var handler = new CannedHandler
        {
            Failure = () =>
                new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused)),
        };
        var recorded = await RecordAsync(handler, client => Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hello")));
        using var replayer = new WireReplayer(Path);
        var replayed = await Assert.ThrowsAsync<LlmException>(() => Client(replayer).SendAsync("Hello"));

        Assert.Equal(LlmErrorKind.ConnectFailed, recorded.Kind);
        Assert.Equal((recorded.Kind, recorded.Message), (replayed.Kind, replayed.Message));
    }

    [Fact]
    public async Task Replay_OfCancelledStream_WaitsUntilCancelled()
    {
        using (var recorder = new WireRecorder(Path, new CannedHandler([CannedHandler.Text(Role + Hi), BodyStep.WaitForever])))
            await CancelAsync(recorder);
        Assert.Contains("\"how\": \"cancelled\"", File.ReadAllText(Path), StringComparison.Ordinal);
        using var replayer = new WireReplayer(Path);

        await CancelAsync(replayer);

        static async Task CancelAsync(HttpMessageHandler handler)
        {
            using var cancellation = new CancellationTokenSource();
            await using var stream = await Client(handler).StreamAsync("Hello", cancellation.Token);
            while (await stream.ReadAsync() && stream.Current.Kind != StreamEventKind.Text) { }
            var next = stream.ReadAsync().AsTask();
            Assert.False(next.IsCompleted);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        }
    }

    [Fact]
    public async Task Replay_ReadBeyondRecordedEnd_ThrowsInvalidOperationException()
    {
        using (var recorder = new WireRecorder(Path, new CannedHandler([CannedHandler.Text(Role + Hi), CannedHandler.Text(Stop + End)])))
        {
            await using var stream = await Client(recorder).StreamAsync("Hello");
            Assert.True(await stream.ReadAsync());
        }
        using var replayer = new WireReplayer(Path);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => StreamAsync(Client(replayer)));

        Assert.Contains("ends here, because its reader stopped reading", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cassette_OfCallWithSecrets_ContainsNone()
    {
        string[] secrets =
        [
            "sk-live/0123+456789",
            "session-0123456789",
            "acme-organisation-4711",
            "key-in-the-query",
            "org-0123456789abcdefghij",
            "123456789012",
            "amz-token-0123456789",
            "my-own-header-value",
        ];
        var handler = new CannedHandler([
            CannedHandler.Text("""{"choices":[{"message":{"content":"You sent sk-live/01"""),
            CannedHandler.Text(
                """23+456789, sk-live\/0123+456789 and sk-live/0123\u002B456789 for org-0123456789abcdefghij of acme-organisation-4711"},"finish_reason":"stop"}]}"""
            ),
        ])
        {
            MediaType = "application/json",
            Headers = new()
            {
                ["Set-Cookie"] = "__cf=session-0123456789; path=/; domain=.example.com",
                ["openai-organization"] = "acme-organisation-4711",
                ["x-request-id"] = "req-1",
                ["retry-after"] = "3",
            },
        };
        using (var recorder = new WireRecorder(Path, handler, new CassetteOptions { KeptHeaders = ["x-note"] }))
        {
            using var http = new HttpClient(recorder, disposeHandler: false);
            using var request = new HttpRequestMessage(
                HttpMethod.Post,
                "https://example.com/projects/acme-organisation-4711/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ax?alt=sse&key=key-in-the-query"
            );
            request.Headers.Add("Authorization", "Bearer sk-live/0123+456789");
            request.Headers.Add("X-Amz-Security-Token", "amz-token-0123456789");
            request.Headers.Add("Cookie", "a=session-0123456789");
            request.Headers.Add("x-note", "sent with sk-live/0123+456789");
            request.Headers.Add("x-mine", "my-own-header-value");
            request.Content = new StringContent("""{"note":"sk-live/0123+456789 and key-in-the-query"}""");
            using var response = await http.SendAsync(request);
            await response.Content.ReadAsStringAsync();
        }

        string cassette = File.ReadAllText(Path);

        Assert.All(secrets, secret => Assert.DoesNotContain(secret, cassette, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("456789", cassette, StringComparison.Ordinal);
        Assert.Contains("/projects/*/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A*%3Ax?alt=sse&key=*", cassette, StringComparison.Ordinal);
        Assert.Contains("\"x-request-id\": \"req-1\"", cassette, StringComparison.Ordinal);
        Assert.Contains("\"retry-after\": \"3\"", cassette, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_PromptContainsOrganizationName_ReturnsSameAnswer()
    {
        var handler = new CannedHandler([CannedHandler.Text(Whole.Replace("Hi", "langchain is a library", StringComparison.Ordinal))])
        {
            MediaType = "application/json",
            Headers = new() { ["openai-organization"] = "langchain", ["surrogate-key"] = "langchain library" },
        };
        using (var recorder = new WireRecorder(Path, handler))
        {
            await Client(recorder, Compatible() with { Headers = new Dictionary<string, string> { ["OpenAI-Organization"] = "langchain" } })
                .SendAsync("What is langchain?");
        }

        using var replayer = new WireReplayer(Path);

        Assert.Equal("langchain is a library", (await Client(replayer).SendAsync("What is langchain?")).Text);
        Assert.DoesNotContain("openai-organization", File.ReadAllText(Path), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Replay_PromptContainsSessionId_FindsCall()
    {
        var handler = Json(Whole);
        handler.Headers["Set-Cookie"] = "id=session-0123456789";
        await RecordAsync(handler, client => client.SendAsync("What is session-0123456789?"));
        using var replayer = new WireReplayer(Path);

        Assert.Equal("Hi", (await Client(replayer).SendAsync("What is session-0123456789?")).Text);
    }

    [Theory]
    [InlineData("Is test-key-0123456789 a key?", "Is test-key-0123456789 a key?", true)]
    [InlineData("Is test-key-0123456789 a key?", "Is mine a key?", true)]
    [InlineData("Is test-key-0123456789 a key?", "Is test-key-0123456789 a lock?", false)]
    [InlineData("Is test-key-0123456789 a key?", "What is a key?", false)]
    [InlineData("test-key-0123456789 or test-key-0123456789", "mine or yours", true)]
    [InlineData("test-key-0123456789 or test-key-0123456789", "mine and yours", false)]
    [InlineData("a **** b", "a xxxx b", false)]
    public async Task Replay_PromptContainedMissingKey_MatchesMaskedText(string recorded, string asked, bool isFound)
    {
        await RecordAsync(Json(Whole), client => client.SendAsync(recorded));
        using var replayer = new WireReplayer(Path);
        var again = Client(replayer, Compatible() with { Credential = Credential.None });

        if (isFound)
            Assert.Equal("Hi", (await again.SendAsync(asked)).Text);
        else
            await Assert.ThrowsAsync<InvalidOperationException>(() => again.SendAsync(asked));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Recording_OfCompressedAnswer_MasksSecretsAndReplaysDecompressed(string encoding)
    {
        byte[] packed = Pack(Whole.Replace("Hi", "You sent test-key-0123456789", StringComparison.Ordinal), encoding);
        var handler = new CannedHandler([BodyStep.Send(packed.AsMemory(0, 20)), BodyStep.Send(packed.AsMemory(20))])
        {
            MediaType = "application/json",
            ContentHeaders = new() { ["Content-Encoding"] = encoding },
        };
        Assert.Equal("You sent test-key-0123456789", (await RecordAsync(handler, client => client.SendAsync("Hello"))).Text);
        string cassette = File.ReadAllText(Path);
        using var replayer = new WireReplayer(Path);

        Assert.Equal("You sent *******************", (await Client(replayer).SendAsync("Hello")).Text);
        Assert.Contains("You sent ***", cassette, StringComparison.Ordinal);
        Assert.DoesNotContain("content-encoding", cassette, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hi", true)]
    [InlineData("You sent test-key-0123456789", false)]
    public async Task Recording_OfCorruptCompressedAnswer_StaysCompressedUnlessItHasSecret(string text, bool staysPacked)
    {
        byte[] packed = Pack(Whole.Replace("Hi", text, StringComparison.Ordinal), "gzip");
        // Corrupts the checksum.
        packed[^6] ^= 0xFF;
        var handler = new CannedHandler([BodyStep.Send(packed)])
        {
            MediaType = "application/json",
            ContentHeaders = new() { ["Content-Encoding"] = "gzip" },
        };

        var recorded = await RecordAsync(handler, client => Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hello")));

        Assert.Equal(LlmErrorKind.DecompressionFailed, recorded.Kind);
        Assert.Equal(staysPacked, File.ReadAllText(Path).Contains("content-encoding", StringComparison.Ordinal));
        using var replayer = new WireReplayer(Path);
        if (staysPacked)
            Assert.Equal(recorded.Kind, (await Assert.ThrowsAsync<LlmException>(() => Client(replayer).SendAsync("Hello"))).Kind);
        else
        {
            Assert.Contains(
                "ends here",
                (await Assert.ThrowsAsync<InvalidOperationException>(() => Client(replayer).SendAsync("Hello"))).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData("https://x.example/v1/0123456789abcdef0123456789abcdef/mine/openai/chat/completions", "/v1/*/mine/openai/chat/completions")]
    [InlineData("https://x.example/client/v4/accounts/acme/ai/v1/chat/completions", "/client/v4/accounts/*/ai/v1/chat/completions")]
    [InlineData(
        "https://x.example/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
        "/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse"
    )]
    [InlineData("https://x.example/v1/models?limit=10&after_id=m&token=abc&flag", "/v1/models?limit=10&after_id=m&token=*&*")]
    public void RecordedPath_WithAccount_MasksAccount(string address, string recorded) =>
        Assert.Equal(recorded, RecordedPath.Of(new Uri(address)));

    [Theory]
    [InlineData("https://gw.example/sk-live-Ab9dEf3hIj5kLm7n/v1/chat/completions", "/*/v1/chat/completions")]
    [InlineData("https://gw.example/proxy/AIzaSyD-abc_123defGHI456jklMNO789pqrSTU/v1/models", "/proxy/*/v1/models")]
    [InlineData("https://gw.example/k/hf_abcdefghij0klmnopqrs/v1", "/k/*/v1")]
    [InlineData("https://gw.example/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl/v1", "/*/v1")]
    [InlineData("https://gw.example/t/vQ8xZr2LmW4tYb7K/v1/messages", "/t/*/v1/messages")]
    [InlineData("https://gw.example/t/x7f2k9q4m1z8w3v6b5n0/v1/messages", "/t/*/v1/messages")]
    [InlineData("https://gw.example/t/Zm9vYmFy%2BQUJDMTIzNDU2Nzg5%3D%3D/v1", "/t/*/v1")]
    [InlineData("https://gw.example/t/9f8e7d6c-5b4a-4321-8fed-cba987654321/v1", "/t/*/v1")]
    public void RecordedPath_WithKey_MasksKey(string address, string recorded) => Assert.Equal(recorded, RecordedPath.Of(new Uri(address)));

    [Theory]
    [InlineData("/openai/deployments/sk-live-Ab9dEf3hIj5kLm7n/chat/completions")]
    [InlineData("/v1beta/models/gemini-3.1-flash-lite-preview-05-20:streamGenerateContent?alt=sse")]
    [InlineData("/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream")]
    [InlineData("/models/meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8/v1/chat/completions")]
    [InlineData("/hf/Qwen/Qwen3-Coder-480B-A35B-Instruct-int4-mixed-AutoRound/v1/chat/completions")]
    [InlineData("/hf/Qwen/Qwen3-235B-A22B-Instruct-2507-FP8/v1/chat/completions")]
    [InlineData("/hf/mistralai/Mixtral-8x7B-Instruct-v0.1-GPTQ/v1/chat/completions")]
    [InlineData("/serverless/gpt-4o-mini-transcribe-2025-12-15/v1/chat/completions")]
    [InlineData("/inference-profiles/eu-central-1/invoke-with-response-stream")]
    [InlineData("/compatible-mode/v1/chat/completions")]
    [InlineData("/key-value-v1/chat")]
    [InlineData("/key_management_v2/chat")]
    [InlineData("/sk-models-v1/chat")]
    [InlineData("/dapi-v2-endpoint/chat")]
    [InlineData("/api/v3/embeddings/multimodal")]
    public void RecordedPath_WithWordsAndModels_IsUnchanged(string path) =>
        Assert.Equal(path, RecordedPath.Of(new Uri("https://x.example" + path)));

    [Fact]
    public async Task Recording_KeyIsInPath_DoesNotContainKey()
    {
        const string InPath = "sk-live-Ab9dEf3hIj5kLm7n";
        var handler = new CannedHandler([CannedHandler.Text(Whole.Replace("Hi", $"You asked /{InPath}/v1", StringComparison.Ordinal))])
        {
            MediaType = "application/json",
        };
        var provider = Providers.OpenAICompatible(new Uri($"https://gw.example/{InPath}/v1"));
        using (var recorder = new WireRecorder(Path, handler))
        {
            using var http = new HttpClient(recorder);
            using var client = new LlmClient(provider, "m", http: http);
            await client.SendAsync("Hello");
        }

        Assert.DoesNotContain(InPath, File.ReadAllText(Path), StringComparison.Ordinal);
        using var replayer = new WireReplayer(Path);
        using var again = new HttpClient(replayer);
        using var replayed = new LlmClient(provider, "m", http: again);
        Assert.Equal($"You asked /{new string('*', InPath.Length)}/v1", (await replayed.SendAsync("Hello")).Text);
    }

    [Fact]
    public async Task Recording_OfResponse_KeepsHeadersReadByLibrary()
    {
        string[] names =
        [
            .. NamesIn("ResponseHead.cs")
                .Concat(NamesIn("RateLimitTable.cs"))
                .Select(name => name.EndsWith('-') ? name + "limit-tokens" : name)
                .Distinct(),
        ];
        Assert.True(names.Length >= 20, $"{names.Length}");
        // The value of a header that is not recorded is masked in the body.
        var handler = new CannedHandler([CannedHandler.Text(Whole.Replace("Hi", "Hi 12345678", StringComparison.Ordinal))])
        {
            MediaType = "application/json",
            Headers = names.ToDictionary(name => name, _ => "12345678"),
        };
        Assert.Equal(12345678, (await RecordAsync(handler, client => client.SendAsync("Hello"))).RateLimits?.Tokens?.Limit);
        string cassette = await File.ReadAllTextAsync(Path);
        using var replayer = new WireReplayer(Path);
        var replayed = await Client(replayer).SendAsync("Hello");

        Assert.All(names, name => Assert.Contains($"\"{name}\": \"12345678\"", cassette, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(("Hi 12345678", 12345678L), (replayed.Text, replayed.RateLimits?.Tokens?.Limit));

        // Literals that look like a header name, or like the beginning of one.
        static IEnumerable<string> NamesIn(string file) =>
            Directory
                .EnumerateFiles(System.IO.Path.Combine(Folders.Repository, "src", "RawLlm"), file, SearchOption.AllDirectories)
                .SelectMany(path => Regex.Matches(File.ReadAllText(path), "\"(date|ratelimit|[a-z0-9]+(?:-[a-z0-9]+)*-[a-z0-9]*)\""))
                .Select(match => match.Groups[1].Value);
    }

    [Fact]
    public void Recording_OfSynchronousSend_IsKept()
    {
        using (var recorder = new WireRecorder(Path, Json(Whole)))
            Get(recorder);
        using var replayer = new WireReplayer(Path);

        Assert.Equal(Whole, Get(replayer));

        static string Get(HttpMessageHandler handler)
        {
            using var http = new HttpClient(handler, disposeHandler: false);
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://localhost/x");
            using var response = http.Send(request);
            using var body = new StreamReader(response.Content.ReadAsStream());
            return body.ReadToEnd();
        }
    }

    [Fact]
    public void Recorder_KeptHeadersIncludeCredential_ThrowsArgumentException() =>
        Assert.Throws<ArgumentException>(() =>
            new WireRecorder(Path, new CannedHandler(), new CassetteOptions { KeptHeaders = ["X-Api-Key"] })
        );

    [Fact]
    public async Task Recorder_WithKeptHeader_WritesOnlyThatHeader()
    {
        using (var recorder = new WireRecorder(Path, Json(Whole), new CassetteOptions { KeptHeaders = ["x-case"] }))
        {
            await Client(
                    recorder,
                    Compatible() with
                    {
                        Headers = new Dictionary<string, string> { ["x-case"] = "first", ["x-other"] = "second" },
                    }
                )
                .SendAsync("Hello");
        }

        Assert.Contains("\"x-case\": \"first\"", File.ReadAllText(Path), StringComparison.Ordinal);
        Assert.DoesNotContain("x-other", File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_PromptDiffers_ErrorNamesDifferenceAndFix()
    {
        await RecordAsync(Json(Whole), client => client.SendAsync("Why is the sky blue?"));
        using var replayer = new WireReplayer(Path);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => Client(replayer).SendAsync("Why is the sky red?"));

        Assert.Contains(
            "$.messages[0].content: recorded \"Why is the sky blue?\", asked \"Why is the sky red?\"",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("RAWLLM_CASSETTES=record", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(replayer.AssertAllPlayed);
    }

    [Fact]
    public async Task Replay_MembersReorderedOrIgnored_Matches()
    {
        await RecordAsync(
            Json(Whole),
            client =>
                client.SendAsync(
                    new ChatRequest
                    {
                        Messages = [Message.User("Hello")],
                        Seed = 1,
                        Temperature = 0.5,
                    }
                )
        );
        using var replayer = new WireReplayer(Path, new CassetteOptions { IgnoredMembers = ["seed"] });
        using var http = new HttpClient(replayer, disposeHandler: false);
        using var content = new StringContent(
            """{"temperature":0.50,"messages":[{"content":"Hello","role":"user"}],"seed":2,"model":"m"}"""
        );
        using var response = await http.PostAsync("http://elsewhere.example/v1/chat/completions", content);

        Assert.Equal(Whole, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Replay_OfEqualRequests_PlaysAnswersInOrderOnce()
    {
        using (
            var recorder = new WireRecorder(
                Path,
                new CannedHandler(
                    [CannedHandler.Text(Whole)],
                    [CannedHandler.Text(Whole.Replace("Hi", "Hi again", StringComparison.Ordinal))]
                )
                {
                    MediaType = "application/json",
                }
            )
        )
        {
            var client = Client(recorder);
            await client.SendAsync("Hello");
            await client.SendAsync("Hello");
        }
        using var once = new WireReplayer(Path);
        using var often = new WireReplayer(Path, new CassetteOptions { Repeats = true });
        Assert.Equal("Hi", (await Client(once).SendAsync("Hello")).Text);
        Assert.Equal("Hi again", (await Client(once).SendAsync("Hello")).Text);
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => Client(once).SendAsync("Hello"));
        Assert.Contains("call 2 matches but was already played", e.Message, StringComparison.Ordinal);
        Assert.Equal("Hi", (await Client(often).SendAsync("Hello")).Text);
        Assert.Equal("Hi again", (await Client(often).SendAsync("Hello")).Text);
        Assert.Equal("Hi again", (await Client(often).SendAsync("Hello")).Text);
    }

    [Fact]
    public async Task Replay_WithKeepGaps_WaitsAsRecorded()
    {
        var recording = new ManualTime { Hurries = true };
        BodyStep[] body =
        [
            BodyStep.Wait(TimeSpan.FromMilliseconds(250)),
            CannedHandler.Text(Role + Hi),
            BodyStep.Wait(TimeSpan.FromSeconds(2)),
            CannedHandler.Text(Stop + End),
        ];
        using (var recorder = new WireRecorder(Path, new TimedHandler(body, recording), new CassetteOptions { Time = recording }))
            await ReadsAsync(recorder);
        var replaying = new ManualTime { Hurries = true };
        using var replayer = new WireReplayer(Path, new CassetteOptions { Time = replaying, KeepGaps = true });

        await ReadsAsync(replayer);

        Assert.Equal([TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(2)], replaying.Waits.Where(wait => wait > TimeSpan.Zero));
    }

    [Fact]
    public async Task Recording_OfConcurrentCalls_KeepsAll()
    {
        const int Calls = 20;
        using (
            var recorder = new WireRecorder(
                Path,
                new CannedHandler([.. Enumerable.Range(0, Calls).Select(_ => new[] { CannedHandler.Text(Whole) })])
                {
                    MediaType = "application/json",
                }
            )
        )
        {
            var client = Client(recorder);
            await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => Task.Run(() => client.SendAsync($"Hello {i}"))));
        }
        using var replayer = new WireReplayer(Path);
        var again = Client(replayer);

        await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => Task.Run(() => again.SendAsync($"Hello {i}"))));

        replayer.AssertAllPlayed();
    }

    [Fact]
    public async Task Cassette_FileIsMissing_IsRecordedAndThenReplayed()
    {
        using (var cassette = Open(_ => null, Json(Whole)))
        {
            Assert.False(cassette.IsReplaying);
            await cassette.CreateClient(Compatible(), "m").SendAsync("Hello");
            cassette.AssertAllPlayed();
        }
        using var again = Open(_ => null, new CannedHandler());

        Assert.True(again.IsReplaying);
        Assert.Throws<InvalidOperationException>(again.AssertAllPlayed);
        Assert.Equal("Hi", (await again.CreateClient(Compatible(), "m").SendAsync("Hello")).Text);
        again.AssertAllPlayed();
    }

    [Theory]
    [InlineData("CI", "true")]
    [InlineData("CI", "1")]
    [InlineData("RAWLLM_CASSETTES", "replay")]
    public void Cassette_FileIsMissingInReplayMode_ThrowsInvalidOperationException(string variable, string value)
    {
        var e = Assert.Throws<InvalidOperationException>(() => Open(name => name == variable ? value : null, new CannedHandler()));

        Assert.Contains("There is no cassette", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cassette_InRecordMode_ReplacesExistingFile()
    {
        File.WriteAllText(Path, "{}");
        using (
            var cassette = Open(
                name =>
                    name switch
                    {
                        "CI" => "true",
                        "RAWLLM_CASSETTES" => "record",
                        _ => null,
                    },
                Json(Whole)
            )
        )
        {
            await cassette.CreateClient(Compatible(), "m").SendAsync("Hello");
        }

        using var replayer = new WireReplayer(Path);
        Assert.Equal("Hi", (await Client(replayer).SendAsync("Hello")).Text);
    }

    [Fact]
    public void Cassette_InUnknownMode_ThrowsInvalidOperationException() =>
        Assert.Contains(
            "set it to record, replay or auto",
            Assert
                .Throws<InvalidOperationException>(() => Open(name => name == "RAWLLM_CASSETTES" ? "rec" : null, new CannedHandler()))
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Cassette_WithoutCalls_IsNotWritten()
    {
        Open(_ => null, new CannedHandler()).Dispose();

        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task Cassette_CannotBeWritten_ThrowsOnlyOnDispose()
    {
        Directory.CreateDirectory(Path);
        var recorder = new WireRecorder(Path, Json(Whole));

        Assert.Equal("Hi", (await Client(recorder).SendAsync("Hello")).Text);
        Assert.Contains("cannot be written", Assert.Throws<InvalidOperationException>(recorder.Dispose).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cassette_WithRelativePath_IsNextToSourceFile()
    {
        using var cassette = Cassette.Open(
            "not-there/calls.json",
            mode: CassetteMode.Record,
            inner: new CannedHandler(),
            sourceFile: _folder.File("Test.cs")
        );

        Assert.Equal(_folder.File(System.IO.Path.Combine("not-there", "calls.json")), cassette.Path);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no JSON")]
    [InlineData("""{"cassette":2,"calls":[]}""")]
    public void Replayer_FileIsNoCassette_ThrowsWithHint(string text)
    {
        File.WriteAllText(Path, text);
        var e = Assert.Throws<InvalidOperationException>(() => new WireReplayer(Path));

        Assert.Contains("Delete it and record it again", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_KeyIsMissing_Succeeds()
    {
        var provider = Compatible() with { Credential = Credential.BearerFrom("RAWLLM_TESTING_NO_SUCH_KEY") };
        using (var cassette = Open(_ => null, Json(Whole)))
            await cassette.CreateClient(Compatible(), "m").SendAsync("Hello");
        using var again = Open(_ => null, new CannedHandler());

        Assert.Equal("Hi", (await again.CreateClient(provider, "m").SendAsync("Hello")).Text);
    }

    private static byte[] Pack(string text, string encoding)
    {
        using var packed = new MemoryStream();
        using (
            Stream packer = encoding switch
            {
                "gzip" => new GZipStream(packed, CompressionLevel.Optimal),
                "br" => new BrotliStream(packed, CompressionLevel.Optimal),
                _ => new ZLibStream(packed, CompressionLevel.Optimal),
            }
        )
        {
            packer.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static Provider Compatible() => Providers.OpenAICompatible("http://localhost:1", "test-key-0123456789");

    private static CannedHandler Json(string body) => new([CannedHandler.Text(body)]) { MediaType = "application/json" };

    private static LlmClient Client(HttpMessageHandler handler, Provider? provider = null) =>
        new(provider ?? Compatible(), "m", Once, new HttpClient(handler, disposeHandler: false));

    private static async Task<ChatReply> StreamAsync(LlmClient client)
    {
        await using var stream = await client.StreamAsync("Hello");
        return await stream.ReplyAsync();
    }

    private static async Task<List<byte[]>> ReadsAsync(HttpMessageHandler handler)
    {
        using var http = new HttpClient(handler, disposeHandler: false);
        using var response = await http.GetAsync("http://localhost/x", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var reads = new List<byte[]>();
        byte[] buffer = new byte[4096];
        while (await body.ReadAsync(buffer) is > 0 and var count)
            reads.Add(buffer[..count]);
        return reads;
    }

    private async Task<T> RecordAsync<T>(HttpMessageHandler inner, Func<LlmClient, Task<T>> act)
    {
        using var recorder = new WireRecorder(Path, inner);
        return await act(Client(recorder));
    }

    private Cassette Open(Func<string, string?> environment, HttpMessageHandler inner) =>
        Cassette.Open(Path, null, CassetteMode.Auto, inner, "", environment);

    private sealed class TimedHandler(BodyStep[] steps, TimeProvider time) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new PlayedContent(new PlayedBody(steps, time)) });
    }
}
