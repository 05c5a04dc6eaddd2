using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using RawLlm.Protocols;
using RawLlm.Tests.Cli;
using RawLlm.Tests.Readme;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Contract;

/// <summary>
/// The curl command sends what the client sends and contains no secret. Without curl on the machine, only its text is checked.
/// </summary>
public sealed class CurlContractTests(ITestOutputHelper output)
{
    private const string Key = "test-key-0123";
    private const string Refusal = "HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{}";

    private static readonly ChatRequest Awkward = new()
    {
        System = "It's \"quoted\", \\ and $HOME, `id` $(id) !! %s 100% @file",
        Messages = [Message.User("First line\r\n\tsecond 'line' é 日本 😀 \u007f\u0085"), Message.Assistant("'"), Message.User("''")],
        Tools = [new ToolDefinition("f", "It's", "{\"type\":\"object\",\n  \"properties\":{\"it's\":{\"type\":\"string\"}}}")],
        MaxTokens = 9,
        Headers = new Dictionary<string, string> { ["x-team"] = "search & \"find\" it's $HOME", ["x-empty"] = "" },
    };

    public static TheoryData<string, bool> Services
    {
        get
        {
            var services = new TheoryData<string, bool>();
            foreach (var row in ServiceRows.All)
            {
                services.Add(row.Name, false);
                services.Add(row.Name, true);
            }
            return services;
        }
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task ToCurl_AnyService_SendsSameBytes(string name, bool isStream)
    {
        var provider = ServiceRows.All.Single(row => row.Name == name).Provider;
        await AssertSameAsync(
            url =>
                provider with
                {
                    BaseUrl = new Uri(url.GetLeftPart(UriPartial.Authority) + provider.BaseUrl.AbsolutePath),
                    Credential = provider.Credential.WithKey(Key) ?? provider.Credential,
                },
            isStream ? async client => await (await client.StreamAsync(Awkward)).DisposeAsync() : client => client.SendAsync(Awkward),
            client => client.ToCurl(Awkward, isStream)
        );
    }

    [Fact]
    public async Task ToCurl_EmbeddingRequest_SendsSameBytesForEachBatch()
    {
        var request = new EmbeddingRequest(["it's", "\"two\""])
        {
            BatchSize = 2,
            Headers = new Dictionary<string, string> { ["x-team"] = "search" },
        };

        await AssertSameAsync(Local, client => client.EmbedAsync(request), client => client.ToCurl(request));

        using var client = new LlmClient(Providers.OpenAI with { Credential = Credential.Bearer(Key) }, "m");
        string[] commands = client.ToCurl(request with { BatchSize = 1 }).Split("\n\n");
        Assert.Equal(2, commands.Length);
        Assert.Contains("it'\\''s", commands[0], StringComparison.Ordinal);
        Assert.DoesNotContain("two", commands[0], StringComparison.Ordinal);
        Assert.Contains("two", commands[1], StringComparison.Ordinal);
        using var without = new LlmClient(Providers.Anthropic with { Credential = Credential.Header("x-api-key", Key) }, "m");
        Assert.Equal(LlmErrorKind.Unsupported, Assert.Throws<LlmException>(() => without.ToCurl(request)).Kind);
    }

    // Linux limits an argument to 128 KiB, and above 1 MiB curl sends "Expect: 100-continue" first.
    [Theory]
    [InlineData(150_000)]
    [InlineData(1_200_000)]
    public async Task ToCurl_LongBody_SendsSameBytes(int length)
    {
        var request = ChatRequest.Ask("it's " + new string('é', length / 2) + "%d\\n");

        await AssertSameAsync(Local, client => client.SendAsync(request), client => client.ToCurl(request));
    }

    [Fact]
    public async Task ToCurl_AddressWithBracketsAndOtherMethod_SendsSameBytes()
    {
        var request = ChatRequest.Ask("Hello");

        await AssertSameAsync(
            url =>
                Local(url) with
                {
                    Protocol = new ChatCompletionsProtocol { Query = "list[]=1&n={a,b}&it's=x" },
                    Credential = new Signing(wire => wire.Method = "PUT"),
                },
            client => client.SendAsync(request),
            client => client.ToCurl(request)
        );
    }

    [Fact]
    public void ToCurl_ChatCompletions_ReturnsExpectedCommand()
    {
        using var client = new LlmClient(Providers.OpenAI with { Credential = Credential.Bearer(Key) }, "gpt-4o-mini");

        Assert.Equal(
            """
            curl -N 'https://api.openai.com/v1/chat/completions' \
              -H 'Accept: text/event-stream' \
              -H "Authorization: Bearer $OPENAI_API_KEY" \
              -H 'Accept-Encoding: identity' \
              -H 'Content-Type: application/json' \
              -A '' \
              --data-raw '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"It'\''s blue"}],"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}'
            """.ReplaceLineEndings("\n"),
            client.ToCurl("It's blue", stream: true)
        );
    }

    [Fact]
    public void ToCurl_BuiltInService_UsesVariableInsteadOfKey()
    {
        foreach (var row in ServiceRows.All.Where(row => row.Variable is not null && row.Provider.Credential.WithKey(Key) is not null))
        {
            using var client = new LlmClient(row.Provider with { Credential = row.Provider.Credential.WithKey(Key)! }, "m");
            foreach (string command in (string[])[client.ToCurl("Hello"), client.ToCurl("Hello", stream: true)])
            {
                Assert.Contains("$" + row.Variable, command, StringComparison.Ordinal);
                Assert.DoesNotContain(Key, command, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void ToCurl_SecretsInHeadersAndQuery_AreReplacedByVariables()
    {
        var provider = Providers.OpenAI with
        {
            BaseUrl = new Uri("https://llm.example.org/v1"),
            Credential = Credential.Bearer("secret-of-the-gateway"),
            Protocol = new ChatCompletionsProtocol { Query = "api-version=1&api_key=secret-in-query&sig=secret-signature&x=1" },
            Headers = new Dictionary<string, string>
            {
                ["x-portkey-api-key"] = "secret-of-portkey",
                ["x-goog-api-key"] = "secret-of-google",
                ["Cookie"] = "secret-cookie",
                ["Idempotency-Key"] = "no-secret",
            },
        };
        using var client = new LlmClient(provider, "m");

        string command = client.ToCurl(
            ChatRequest.Ask("Is secret-of-the-gateway a good key? _") with
            {
                Headers = new Dictionary<string, string> { ["Proxy-Authorization"] = "Basic secret-proxy" },
            }
        );

        Assert.DoesNotContain("secret-", command.Replace("no-secret", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(
            "\"https://llm.example.org/v1/chat/completions?api-version=1&api_key=$API_KEY_3&sig=$API_KEY_4&x=1\"",
            command,
            StringComparison.Ordinal
        );
        Assert.Contains("\"Authorization: Bearer $API_KEY\"", command, StringComparison.Ordinal);
        Assert.Contains("\"x-portkey-api-key: $X_PORTKEY_API_KEY\"", command, StringComparison.Ordinal);
        Assert.Contains("\"x-goog-api-key: $API_KEY_2\"", command, StringComparison.Ordinal);
        Assert.Contains("\"Cookie: $COOKIE\"", command, StringComparison.Ordinal);
        Assert.Contains("\"Proxy-Authorization: Basic $PROXY_AUTHORIZATION\"", command, StringComparison.Ordinal);
        Assert.Contains("'Idempotency-Key: no-secret'", command, StringComparison.Ordinal);
        Assert.Contains("Is '\"$API_KEY\"' a good", command, StringComparison.Ordinal);
    }

    [Fact]
    public void ToCurl_CustomCredential_HidesHeadersItSets()
    {
        var provider = Providers.AzureOpenAIAt(new Uri("https://res.openai.azure.com/")) with
        {
            Credential = new Signing(wire =>
            {
                wire.SetHeader("Authorization", "Bearer entra-0123");
                wire.SetHeader("x-ticket", "ticket-0123");
            }),
        };
        using var client = new LlmClient(provider, "m");

        string command = client.ToCurl("Hello");

        Assert.Contains("\"Authorization: Bearer $API_KEY\"", command, StringComparison.Ordinal);
        Assert.Contains("\"x-ticket: $X_TICKET\"", command, StringComparison.Ordinal);
        Assert.DoesNotContain("0123", command, StringComparison.Ordinal);
    }

    // One key is a prefix of the other, and appears in a header before the one that identifies it as a key.
    [Fact]
    public void ToCurl_KeysWithCommonPrefix_AreBothHidden()
    {
        var provider = Providers.OpenAI with
        {
            Credential = new Signing(wire => wire.SetHeader("Authorization", "Bearer shared-0123-and-more")),
            Headers = new Dictionary<string, string> { ["x-note"] = "with shared-0123-and-more", ["api-key"] = "shared-0123" },
        };
        using var client = new LlmClient(provider, "m");

        string command = client.ToCurl("Hello");

        Assert.DoesNotContain("shared", command, StringComparison.Ordinal);
        Assert.DoesNotContain("more", command, StringComparison.Ordinal);
    }

    [Fact]
    public void ToCurl_NoKey_ShowsPlaceholder()
    {
        using var client = new LlmClient(
            new Provider(
                "local",
                new Uri("http://localhost:8000/v1"),
                new ChatCompletionsProtocol(),
                Credential.Bearer(null, placeholder: "none")
            ),
            "m"
        );

        Assert.Contains("'Authorization: Bearer none'", client.ToCurl("Hello"), StringComparison.Ordinal);
    }

    [Fact]
    public void ToCurl_BodyNotRepresentableInShell_ThrowsArgumentException()
    {
        foreach (
            byte[] bytes in (byte[][])
                [
                    [0],
                    [0xFF],
                ]
        )
        {
            using var client = new LlmClient(Providers.OpenAI with { Credential = new Signing(wire => wire.Write(bytes)) }, "m");

            Assert.Throws<ArgumentException>(() => client.ToCurl("Hello"));
        }
    }

    [Fact]
    public void ToCurl_RequestThatCannotBeSent_ThrowsLikeSend()
    {
        using var client = new LlmClient(
            Providers.OpenAI with
            {
                Credential = Credential.Bearer(Key),
                Capabilities = new() { Streaming = false },
            },
            "m"
        );
        Assert.Equal(LlmErrorKind.Unsupported, Assert.Throws<LlmException>(() => client.ToCurl("Hello", stream: true)).Kind);
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.ToCurl("Hello"));
    }

    [Theory]
    [InlineData("m", 1)]
    [InlineData("m:0", 2)]
    public void ToCurl_AwsSignature_UsesCurlSigning(string model, int comments)
    {
        using var client = new LlmClient(
            Providers.BedrockIn("eu-central-1", new AwsSignature("AKID0123", "secret-0123", "eu-central-1", "session-0123")),
            model
        );

        string command = client.ToCurl("Hello");

        Assert.DoesNotContain("0123", command, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Amz-Date", command, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(comments, command.Split('\n').Count(line => line.StartsWith('#')));
        Assert.Contains(
            """
             \
              --aws-sigv4 'aws:amz:eu-central-1:bedrock' \
              --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
            """.ReplaceLineEndings("\n"),
            command,
            StringComparison.Ordinal
        );
        Assert.Contains("-H \"X-Amz-Security-Token: $AWS_SESSION_TOKEN\"", command, StringComparison.Ordinal);
    }

    [Fact]
    public void ToCurl_AwsSignatureInCustomCredential_UsesCurlSigning()
    {
        using var own = new LlmClient(
            Providers.BedrockIn("eu-central-1", new AwsSignature("AKID0123", "secret-0123", "eu-central-1", "session-0123")),
            "m"
        );
        using var role = new LlmClient(
            Providers.BedrockIn(
                "eu-central-1",
                new Snippets.RoleKeys(() => new AwsSignature("AKID0123", "secret-0123", "eu-central-1", "session-0123"))
            ),
            "m"
        );

        Assert.Equal(own.ToCurl("Hello"), role.ToCurl("Hello"));
    }

    [Fact]
    public async Task ToCurl_AwsSignature_MatchesSignatureOfClient()
    {
        Provider AtLoopback(Uri url) =>
            Providers.BedrockIn("eu-central-1", new AwsSignature("AKID0123", "secret-0123", "eu-central-1", "session-0123")) with
            {
                BaseUrl = new Uri(url.GetLeftPart(UriPartial.Authority)),
            };

        // curl 7.88 signs a header without a value incorrectly.
        var request = Awkward with
        {
            Headers = new Dictionary<string, string> { ["x-team"] = "it's $HOME" },
        };

        var requests = await AssertSameAsync(AtLoopback, client => client.SendAsync(request), client => client.ToCurl(request));

        if (requests is not [_, var curl])
            return;
        var headers = Headers(curl);
        string authorization = headers["authorization"];
        var signed = Regex
            .Match(authorization, "SignedHeaders=([^,]+)")
            .Groups[1]
            .Value.Split(';')
            .Select(name => KeyValuePair.Create(name, headers[name]))
            .ToList();
        var signing = new AwsSigning("AKID0123", ApiKey.From("secret-0123"), "eu-central-1", "bedrock", headers["x-amz-date"]);
        Assert.Equal(
            Regex.Replace(
                signing.Authorize("POST", curl.Split(' ')[1], "", signed, Encoding.UTF8.GetBytes(Body(curl))).Authorization,
                " ",
                ""
            ),
            Regex.Replace(authorization, " ", "")
        );
    }

    private static Provider Local(Uri url) => Providers.OpenAICompatible(url.ToString(), Key);

    // Sends the same request with the client and with curl, and compares the two.
    private async Task<string[]> AssertSameAsync(Func<Uri, Provider> provider, Func<LlmClient, Task> send, Func<LlmClient, string> toCurl)
    {
        string? shell = Found("sh"),
            curl = Found("curl");
        await using var server = shell is null || curl is null ? new CannedServer(Refusal) : new CannedServer(Refusal, Refusal);
        using var client = new LlmClient(
            provider(new Uri(server.Url)),
            "m",
            new LlmClientOptions
            {
                Retries = LlmRetries.None,
                CheckCapabilities = false,
                // The server is in this process, whose threads may all be busy for a while.
                Timeouts = new() { Connect = TimeSpan.FromMinutes(2) },
            }
        );
        string command = toCurl(client);
        Assert.DoesNotContain(Key, command, StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<LlmException>(() => send(client));
        Assert.NotNull(refusal.Status);
        if (shell is null || curl is null)
        {
            output.WriteLine("There is no curl: not applicable.");
            return await server.Requests;
        }
        await RunAsync(shell, command);
        var requests = await server.Requests;
        bool isSigned = command.Contains("--aws-sigv4", StringComparison.Ordinal);
        Assert.Equal(Head(requests[0], isSigned), Head(requests[1], isSigned));
        Assert.Equal(Body(requests[0]), Body(requests[1]));
        return requests;
    }

    private static async Task RunAsync(string shell, string command)
    {
        var start = new ProcessStartInfo(shell)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        // No proxy of this machine applies to loopback addresses.
        start.Environment["NO_PROXY"] = start.Environment["no_proxy"] = "*";
        foreach (string variable in (string[])["API_KEY", .. ServiceRows.All.Select(row => row.Variable).OfType<string>()])
            start.Environment[variable] = Key;
        (start.Environment["AWS_ACCESS_KEY_ID"], start.Environment["AWS_SECRET_ACCESS_KEY"], start.Environment["AWS_SESSION_TOKEN"]) = (
            "AKID0123",
            "secret-0123",
            "session-0123"
        );
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(command + "\n");
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{process.ExitCode}: {await error}\n{command}");
        Assert.Equal("{}", await said);
    }

    private static string[] Head(string request, bool isSigned) =>
        [
            request[..request.IndexOf("\r\n", StringComparison.Ordinal)],
            .. Headers(request)
                .Where(header => header.Key != "host" && !(isSigned && header.Key is "authorization" or "x-amz-date"))
                .Select(header => $"{header.Key}: {header.Value}")
                .Order(StringComparer.Ordinal),
        ];

    private static Dictionary<string, string> Headers(string request) =>
        request[..request.IndexOf("\r\n\r\n", StringComparison.Ordinal)]
            .Split("\r\n")
            .Skip(1)
            .Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1].Trim());

    private static string Body(string request) => request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static string? Found(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private sealed class Signing(Action<WireRequest> sign) : Credential
    {
        public override void Sign(WireRequest request) => sign(request);
    }
}
