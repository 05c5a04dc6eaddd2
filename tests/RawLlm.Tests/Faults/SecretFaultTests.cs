using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Architecture;

namespace RawLlm.Tests.Faults;

/// <summary>Section H: keys stay where they belong, and requests are sent only where intended.</summary>
public sealed class SecretFaultTests
{
    private const string Key = "sk-canary-0123456789abcdef";

    [Theory]
    [InlineData("http://api.example.org/v1", true)]
    [InlineData("http://10.0.0.1/v1", true)]
    [InlineData("http://127.0.0.1.example.org/v1", true)]
    [InlineData("http://localhost.example.org/v1", true)]
    [InlineData("http://127.0.0.1:8080/v1", false)]
    [InlineData("http://127.8.8.8/v1", false)]
    [InlineData("http://[::1]/v1", false)]
    [InlineData("http://localhost/v1", false)]
    [InlineData("https://api.example.org/v1", false)]
    [Case(103)]
    public void Key_OverPlainHttpToRemoteHost_IsRejectedUnlessAllowed(string url, bool isRefused)
    {
        var provider = Providers.OpenAICompatible(new Uri(url)) with { Credential = Credential.Bearer(Key) };
        if (isRefused)
            Assert.Equal(LlmErrorKind.InvalidConfiguration, Assert.Throws<LlmException>(() => new LlmClient(provider, "m")).Kind);
        else
            new LlmClient(provider, "m").Dispose();
        new LlmClient(provider, "m", new LlmClientOptions { AllowKeyOverPlainHttp = true }).Dispose();
    }

    [Theory]
    [InlineData("Authorization", "Bearer sk-own-0123456789")]
    [InlineData("x-api-key", "sk-own-0123456789")]
    [InlineData("API-Key", "sk-own-0123456789")]
    [InlineData("x-goog-api-key", "sk-own-0123456789")]
    [InlineData("Ocp-Apim-Subscription-Key", "sk-own-0123456789")]
    [InlineData("cf-aig-authorization", "Bearer sk-own-0123456789")]
    [InlineData("Proxy-Authorization", "Basic sk-own-0123456789")]
    [InlineData("X-Auth-Token", "sk-own-0123456789")]
    [Case(103)]
    public async Task Key_InCustomHeader_IsProtectedLikeCredentialKey(string name, string value)
    {
        var headers = new Dictionary<string, string> { [name] = value };
        var request = ChatRequest.Ask("Hi") with { Headers = headers };
        var open = FaultWire.Compatible() with { Credential = Credential.None };
        var elsewhere = open with { BaseUrl = new Uri("http://api.example.org/v1/") };
        using (var client = new LlmClient(elsewhere, "m"))
            Assert.Equal(LlmErrorKind.InvalidConfiguration, (await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(request))).Kind);
        using (var client = new LlmClient(elsewhere with { Headers = headers }, "m"))
            Assert.Equal(LlmErrorKind.InvalidConfiguration, (await Assert.ThrowsAsync<LlmException>(() => client.StreamAsync("Hi"))).Kind);

        const string Echo = """{"error":{"message":"The key sk-own-0123456789 is wrong.","code":"invalid_api_key"}}""";
        foreach (bool isOfRequest in (bool[])[true, false])
        {
            using var wire = new FaultWire(
                Script.OnRequest.Answer(401, "application/json", Echo, "Connection: close").Fin(),
                Script.OnRequest.Sse().Chunk(Answers.Hi + "data: " + Echo + "\n\n").LastChunk().Fin()
            );
            var client = wire.Client(FaultRun.Once, isOfRequest ? open : open with { Headers = headers });
            var asked = isOfRequest ? request : ChatRequest.Ask("Hi");
            var whole = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(asked, wire.Token));
            var streamed = await Assert.ThrowsAsync<LlmException>(async () =>
                await (await client.StreamAsync(asked, wire.Token)).ReplyAsync(wire.Token)
            );
            foreach (var error in (LlmException[])[whole, streamed])
            {
                Assert.Contains("The key [redacted] is wrong.", error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("sk-own", error.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("Authorization", "Custom sk-first sk-second", "sk-first sk-second")]
    [InlineData("proxy-authorization", "Basic sk-first", "sk-first")]
    [InlineData("x-api-key", "sk-first sk-second", "sk-first sk-second")]
    [InlineData("Ocp-Apim-Subscription-Key", "sk-first", "sk-first")]
    [InlineData("X-Title", "sk-first", null)]
    public void KeyHeaders_ValueWithScheme_ReturnsRestAfterScheme(string name, string value, string? secret)
    {
        using var wire = new WireRequest { BaseUrl = new Uri("http://localhost/") };
        wire.SetHeader(name, value);
        KeyHeaders.RecordSecrets(wire, []);
        // A header that the credential sets is secret whatever its name.
        Assert.Equal(secret ?? value, Assert.Single(wire.Secrets!));
        Assert.Equal(secret, KeyHeaders.Secrets(new Dictionary<string, string> { [name] = value })?.Single());
    }

    [Theory]
    [InlineData("x-session-affinity")]
    [InlineData("Idempotency-Key")]
    [InlineData("X-Title")]
    public async Task Header_WithoutKey_IsSentOverPlainHttp(string name)
    {
        var request = ChatRequest.Ask("Hi") with { Headers = new Dictionary<string, string> { [name] = "0123456789" } };
        using var http = new HttpClient(new Unreachable());
        using var client = new LlmClient(
            FaultWire.Compatible() with
            {
                Credential = Credential.None,
                BaseUrl = new Uri("http://api.example.org/v1/"),
            },
            "m",
            FaultRun.Once,
            http
        );
        Assert.Equal(LlmErrorKind.ConnectFailed, (await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(request))).Kind);
    }

    [Theory]
    [InlineData("a\r\nX-Evil: 1")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u001bb")]
    [InlineData("a\u007fb")]
    [InlineData("aéb")]
    [InlineData("a\u2028b")]
    [Case(104)]
    public async Task Header_WithForbiddenCharactersOrTooLong_SendsNothing(string value)
    {
        using var wire = new FaultWire();
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(() =>
            wire.Client()
                .SendAsync(
                    new ChatRequest
                    {
                        Messages = [Message.User("Hi")],
                        Headers = new Dictionary<string, string> { ["X-Own"] = value },
                    },
                    wire.Token
                )
        );
        Assert.Contains("X-Own", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(value, error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<ArgumentException>(() =>
            wire.Client()
                .SendAsync(
                    new ChatRequest
                    {
                        Messages = [Message.User("Hi")],
                        Headers = new Dictionary<string, string> { [value] = "x" },
                    },
                    wire.Token
                )
        );
        Assert.Throws<ArgumentException>(() => Credential.Bearer(value));
        Assert.Throws<ArgumentException>(() => Credential.Bearer(new string('k', 9000)));
        var longer = await Assert.ThrowsAnyAsync<ArgumentException>(() =>
            wire.Client()
                .SendAsync(
                    new ChatRequest
                    {
                        Messages = [Message.User("Hi")],
                        Headers = new Dictionary<string, string> { ["X-Own"] = new('x', (8 << 10) + 1) },
                    },
                    wire.Token
                )
        );
        Assert.Contains("X-Own", longer.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Case(105)]
    public void Key_SurroundedByWhiteSpace_IsTrimmed()
    {
        using var wire = new WireRequest { BaseUrl = new Uri("https://example.org/") };
        Credential.Bearer($" \t{Key}\r\n").Sign(wire);
        Assert.Equal($"Bearer {Key}", wire.Headers.Single().Value);
    }

    [Theory]
    [InlineData("../../admin")]
    [InlineData("a/../../b")]
    [InlineData("a?x=1")]
    [InlineData("a#b")]
    [InlineData("%2f..%2fb")]
    [InlineData("@evil.example.org")]
    [InlineData("\\\\evil.example.org\\x")]
    [InlineData("a b")]
    [InlineData("//evil.example.org/x")]
    [InlineData(".")]
    [InlineData("..")]
    [Case(106)]
    public async Task Model_LooksLikePath_DoesNotChangeBasePath(string model)
    {
        Provider[] providers =
        [
            new("gemini", new Uri("http://127.0.0.1:9/base/v1beta/"), new GeminiProtocol(), Credential.Header("x-goog-api-key", Key)),
            new("converse", new Uri("http://127.0.0.1:9/base/"), new ConverseProtocol(), Credential.Bearer(Key)),
            new("chat", new Uri("http://127.0.0.1:9/base/v1/"), new ChatCompletionsProtocol(), Credential.Bearer(Key)),
        ];
        foreach (var provider in providers)
        {
            using var wire = new FaultWire(Answers.Error(400)) { AllowsUnused = true };
            var error = await Assert.ThrowsAnyAsync<Exception>(() =>
                wire.Client(FaultRun.Once, provider, model).SendAsync("Hi", wire.Token)
            );
            Assert.True(
                error is ArgumentException or LlmException { Kind: LlmErrorKind.InvalidConfiguration or LlmErrorKind.BadRequest },
                error.ToString()
            );
            foreach (string request in wire.Requests)
                Assert.StartsWith($"POST {provider.BaseUrl.AbsolutePath}", request, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("https://example.org/v1", "https://example.org/v1/chat/completions", true)]
    [InlineData("https://example.org/v1/", "https://example.org/v1/chat/completions", true)]
    [InlineData("https://example.org/v1", "https://example.org/v1", true)]
    [InlineData("https://example.org", "https://example.org/x", true)]
    [InlineData("https://example.org/v1/chat/completions", "https://example.org/v1/models", true)]
    [InlineData("https://example.org/v1", "https://example.org/v10/chat/completions", false)]
    [InlineData("https://example.org/v1/", "https://example.org/v1beta/chat/completions", false)]
    [InlineData("https://example.org/v1/chat/completions", "https://example.org/v10/models", false)]
    [InlineData("https://example.org/v1", "https://example.org/v1/../v2/chat/completions", false)]
    [InlineData("https://example.org/v1", "https://example.org/V1/chat/completions", false)]
    [InlineData("https://example.org/v1", "http://example.org/v1/chat/completions", false)]
    [InlineData("https://example.org/v1", "https://example.org:8443/v1/chat/completions", false)]
    [InlineData("https://example.org/v1", "https://example.org.evil.net/v1/chat/completions", false)]
    [Case(106)]
    public void CheckUrl_OutsideBaseUrl_ThrowsInvalidConfiguration(string known, string url, bool isBelow)
    {
        var provider = new Provider("x", new Uri(known), new ChatCompletionsProtocol(), Credential.None);
        using var wire = new WireRequest { BaseUrl = provider.BaseUrl, Url = new Uri(url) };
        if (isBelow)
            ProviderCheck.CheckUrl(provider, wire);
        else
            Assert.Equal(LlmErrorKind.InvalidConfiguration, Assert.Throws<LlmException>(() => ProviderCheck.CheckUrl(provider, wire)).Kind);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    [Case(108)]
    public async Task Redirect_WithAnyStatus_IsNotFollowed(int status)
    {
        foreach (string location in (string[])["http://127.0.0.1:10/v1/chat/completions", "https://evil.example.org/?key=x", "/elsewhere"])
        {
            // A second connection would be unexpected and fail the test.
            using var wire = new FaultWire(Script.OnRequest.Head(status, $"Location: {location}", "Content-Length: 0"));
            var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
            Assert.Equal((LlmErrorKind.UnexpectedRedirect, false, status), (error.Kind, error.IsRetryable, error.Status));
            Assert.Single(wire.Requests);
            Assert.DoesNotContain("key=", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Case(109)]
    public async Task Cookie_SetByServer_IsNotSentBack()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Answer(200, "application/json", Answers.Whole, "Set-Cookie: a=b; Path=/")
                .Again()
                .Answer(200, "application/json", Answers.Whole)
        );
        var client = wire.Client();
        await client.SendAsync("Hi", wire.Token);
        await client.SendAsync("Hi", wire.Token);
        Assert.Equal(2, wire.Requests.Count);
        Assert.DoesNotContain("Cookie", string.Concat(wire.Requests), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("https://api.example.org/v1?key=x")]
    [InlineData("https://user:pass@api.example.org/v1")]
    [InlineData("https://api.example.org/v1#x")]
    [Case(110)]
    public void BaseUrl_WithQueryUserInfoOrFragment_IsRejected(string url)
    {
        var error = Assert.Throws<LlmException>(() =>
            new LlmClient(new Provider("x", new Uri(url), new ChatCompletionsProtocol(), Credential.None), "m")
        );
        Assert.Equal(LlmErrorKind.InvalidConfiguration, error.Kind);
        Assert.DoesNotContain("pass", error.Message, StringComparison.Ordinal);
    }

    // ArchitectureTests checks that telemetry code reads no requests or answers.
    [Fact]
    [Case(114)]
    public void TelemetryTypes_InSources_AreUsedOnlyInTelemetryFolder()
    {
        Assert.Empty(
            SourceFile
                .All.Where(file => file.Folder != "Telemetry" && (file.Names("ActivitySource") || file.Names("Meter")))
                .Select(file => file.Path)
        );
        Assert.Empty(SourceFile.All.Where(file => file.Names("ILogger") || file.Names("EventSource")).Select(file => file.Path));
    }

    [Fact]
    [Case(115)]
    public void EnvironmentKey_BaseUrlWithOtherHost_IsRejected()
    {
        const string Variable = "RAWLLM_TEST_ORIGIN_KEY";
        Environment.SetEnvironmentVariable(Variable, Key);
        try
        {
            var provider = new Provider(
                "x",
                new Uri("https://api.example.org/v1"),
                new ChatCompletionsProtocol(),
                Credential.BearerFrom(Variable)
            );
            new LlmClient(provider, "m").Dispose();
            new LlmClient(provider with { BaseUrl = new Uri("https://api.example.org/v2") }, "m").Dispose();
            var error = Assert.Throws<LlmException>(() =>
                new LlmClient(provider with { BaseUrl = new Uri("https://evil.example.net/v1") }, "m")
            );
            Assert.Equal(LlmErrorKind.InvalidConfiguration, error.Kind);
            Assert.Contains(Variable, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, error.Message, StringComparison.Ordinal);
            new LlmClient(
                provider with
                {
                    BaseUrl = new Uri("https://mine.example.net/v1"),
                    Credential = Credential.BearerFrom(Variable),
                },
                "m"
            ).Dispose();
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    // The host of Cloudflare and Vertex is known; only the path waits for the account or project. Azure's host is the user's own.
    [Theory]
    [InlineData("https://api.example.org/accounts/your-account/", "https://evil.example.net/v1", false)]
    [InlineData("https://api.example.org/accounts/your-account/", "https://api.example.org/accounts/mine/", true)]
    [InlineData("https://api.example.org/projects/your-project/", "https://evil.example.net/v1", false)]
    [InlineData("https://api.example.org/projects/your-project/", "https://api.example.org/projects/mine/", true)]
    [InlineData("https://api.example.org/your-resource.openai.azure.com/", "https://evil.example.net/v1", false)]
    [InlineData("https://your-resource.openai.azure.com/openai/v1/", "https://mine.openai.azure.com/openai/v1/", true)]
    public void EnvironmentKey_BaseUrlWithPlaceholder_IsSentOnlyToItsHost(string made, string set, bool isMeant)
    {
        const string Variable = "RAWLLM_TEST_PLACEHOLDER_KEY";
        Environment.SetEnvironmentVariable(Variable, Key);
        try
        {
            var provider = new Provider("x", new Uri(made), new ChatCompletionsProtocol(), Credential.BearerFrom(Variable)) with
            {
                BaseUrl = new Uri(set),
            };
            if (isMeant)
            {
                new LlmClient(provider, "m").Dispose();
                return;
            }
            var error = Assert.Throws<LlmException>(() => new LlmClient(provider, "m"));
            Assert.Equal(LlmErrorKind.InvalidConfiguration, error.Kind);
            Assert.Contains($"{Variable} is meant for {new Uri(made).Host}", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public void Provider_CloudWithoutAccountOrProject_RemembersHostOfKey()
    {
        var elsewhere = new Uri("https://evil.example.net/v1");
        Provider[] clouds =
        [
            Providers.CloudflareIn(CloudEnvironment.Account(_ => null)),
            CloudEnvironment.AnywhereInVertex(_ => null),
            Providers.AzureOpenAIAt(CloudEnvironment.AzureEndpoint(_ => null)),
        ];
        Assert.All(clouds, cloud => Assert.Null(cloud.MadeFor));
        Assert.Equal(
            ["api.cloudflare.com", "aiplatform.googleapis.com", null],
            clouds.Select(cloud => (cloud with { BaseUrl = elsewhere }).MadeFor)
        );
    }

    [Fact]
    [Case(116)]
    public async Task Request_SentToTwoServices_DoesNotShareKeysOrHeaders()
    {
        var request = new ChatRequest { Messages = [Message.User("Hi")] };
        using var first = new FaultWire(Answers.Error(500));
        var a = new Provider(
            "a",
            new Uri("http://127.0.0.1:9/a/"),
            new ChatCompletionsProtocol(),
            Credential.Header("x-key-a", "key-of-a-0123456789")
        )
        {
            Headers = new Dictionary<string, string> { ["x-of-a"] = "1" },
        };
        await Assert.ThrowsAsync<LlmException>(() => first.Client(FaultRun.Once, a).SendAsync(request, first.Token));
        using var second = new FaultWire(Answers.WholeAnswer);
        await second.Client(FaultRun.Once).SendAsync(request, second.Token);
        Assert.Contains("key-of-a", first.Requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("-a", second.Requests[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://localhost/secret.png")]
    [InlineData("https://example.org/cat.png")]
    [Case(117)]
    public async Task ImageUrl_OfAnyHost_IsNotFetched(string url)
    {
        using var wire = new FaultWire(Answers.WholeAnswer);
        await wire.Client().SendAsync(new ChatRequest { Messages = [Message.User(new ImagePart(new Uri(url)))] }, wire.Token);
        Assert.Contains(url, Assert.Single(wire.Requests), StringComparison.Ordinal);
    }

    [Fact]
    [Case(118)]
    public async Task HttpClient_FollowedRedirect_ThrowsUnexpectedRedirect()
    {
        using var http = new HttpClient(new Redirecting());
        using var client = new LlmClient(FaultWire.Compatible(), "m", null, http);
        Assert.Equal(LlmErrorKind.UnexpectedRedirect, (await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"))).Kind);
    }

    [Theory]
    [InlineData("chat-completions", "model MODEL stream messages")]
    [InlineData("responses", "model MODEL stream input")]
    [InlineData("anthropic", "model MODEL stream messages max_tokens")]
    [InlineData("bedrock-invoke", "messages max_tokens anthropic_version")]
    [InlineData("gemini", "contents CONTENTS")]
    [InlineData("ollama", "model MODEL stream messages")]
    [InlineData("converse", "messages MESSAGES")]
    [Case(119)]
    public async Task ExtraMember_ReplacesWrittenMember_IsRejected(string protocol, string names)
    {
        using var wire = new FaultWire();
        var client = wire.Client(provider: FaultWire.Compatible() with { Protocol = Wire.WireProtocols.Get(protocol) });
        foreach (string name in names.Split(' '))
        {
            var request = new ChatRequest
            {
                Messages = [Message.User("Hi")],
                Extra = new Dictionary<string, RawJson> { [name] = "true" },
            };
            var error = await Record.ExceptionAsync(() => client.SendAsync(request, wire.Token));
            Assert.True(error is ArgumentException && error.Message.Contains(name, StringComparison.Ordinal), $"{name}: {error}");
        }
    }

    [Fact]
    [Case(120)]
    public void Credential_SerializedOrPrinted_ContainsNoSecret()
    {
        var key = ApiKey.From(Key);
        Assert.DoesNotContain(
            "canary",
            JsonSerializer.Serialize(key)
                + JsonSerializer.Serialize(Credential.Bearer(Key))
                + JsonSerializer.Serialize(new { key, credential = Credential.Header("x-api-key", Key) }),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("canary", key + Credential.Bearer(Key).ToString() + FaultWire.Compatible(), StringComparison.Ordinal);
        foreach (var field in typeof(ApiKey).GetFields(BindingFlags.Instance | BindingFlags.NonPublic))
            Assert.Equal(DebuggerBrowsableState.Never, field.GetCustomAttribute<DebuggerBrowsableAttribute>()?.State);
        Assert.Empty(typeof(ApiKey).GetProperties());
    }

    [Fact]
    [Case(122)]
    public void RevealedSecrets_InSources_AreNotCompared()
    {
        // Nothing here verifies a signature or a key that someone else sent; code that does must use
        // CryptographicOperations.FixedTimeEquals.
        var revealing = SourceFile.All.Where(file => file.Code.Contains(".Reveal()", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(revealing);
        Assert.Empty(
            revealing
                .Where(file =>
                    file.Code.Contains("Reveal() ==", StringComparison.Ordinal)
                    || file.Code.Contains("Reveal().Equals", StringComparison.Ordinal)
                )
                .Select(file => file.Path)
        );
    }

    [Fact]
    [Case(14, 168)]
    public void PublicApi_MemberNames_OfferNoCertificateSwitch()
    {
        string[] words = ["Certificate", "Insecure", "SkipTls", "IgnoreTls", "FollowRedirect", "Reveal"];
        var names = typeof(LlmClient)
            .Assembly.GetExportedTypes()
            .SelectMany(type => type.GetMembers())
            .Select(member => $"{member.DeclaringType!.Name}.{member.Name}")
            .ToList();
        Assert.True(names.Count > 300);
        Assert.DoesNotContain(names, name => words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    [Case(160)]
    public void PublicApi_Parameters_AcceptNoStreams()
    {
        var takers = typeof(ChatRequest)
            .Assembly.GetExportedTypes()
            .Where(type => type.Namespace == "RawLlm" && type != typeof(ChatStream))
            .SelectMany(type => type.GetConstructors().Cast<MethodBase>().Concat(type.GetMethods()))
            .Where(method => method.GetParameters().Any(parameter => typeof(Stream).IsAssignableFrom(parameter.ParameterType)));
        Assert.Empty(takers.Select(method => $"{method.DeclaringType!.Name}.{method.Name}"));
    }

    [Fact]
    [Case(166)]
    public void EnvironmentAndFiles_InSources_AreReadOnlyInAllowedPlaces()
    {
        string[] allowed = ["Credentials/", "Providers/"];
        Assert.Empty(
            SourceFile
                .All.Where(file =>
                    file.Code.Contains("GetEnvironmentVariable", StringComparison.Ordinal)
                    && !allowed.Any(place => file.Path.StartsWith(place, StringComparison.Ordinal))
                )
                .Select(file => file.Path)
        );
        // The caller specifies the path of these files.
        string[] reading = ["Chat/FilePart.cs", "Chat/ImagePart.cs"];
        Assert.Equal(
            reading,
            SourceFile
                .All.Where(file => file.Names("File") || file.Names("FileStream") || file.Names("Directory") || file.Names("Process"))
                .Select(file => file.Path)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    [Case(164, 167)]
    public void ProjectSettings_OfLibrary_AreDeterministicAndAotCompatible()
    {
        string project = File.ReadAllText(Path.Combine(Support.Folders.Repository, "src", "Directory.Build.props"));
        string all = File.ReadAllText(Path.Combine(Support.Folders.Repository, "Directory.Build.props"));
        Assert.Contains("<IsAotCompatible>true</IsAotCompatible>", project, StringComparison.Ordinal);
        Assert.Contains("<Deterministic>true</Deterministic>", all, StringComparison.Ordinal);
        Assert.Contains("<TreatWarningsAsErrors>true</TreatWarningsAsErrors>", all, StringComparison.Ordinal);
    }

    private sealed class Redirecting : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri("https://evil.example.org/");
            return Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK)
                {
                    RequestMessage = request,
                    Content = new StringContent(Answers.Whole, Encoding.UTF8, "application/json"),
                }
            );
        }
    }

    [Fact]
    [Case(103)]
    public async Task Key_OfCustomCredential_IsRedacted()
    {
        const string Old = "tok-old-0123456789";
        const string New = "tok-new-9876543210";
        const string Echo = $$$"""{"error":{"message":"The keys {{{Old}}} and {{{New}}} are wrong.","code":"no-{{{New}}}"}}""";
        var provider = FaultWire.Compatible() with { Credential = Credential.None };
        string id = $"x-request-id: {New}";
        using var wire = new FaultWire(
            Script.OnRequest.Answer(503, "application/json", "{}", "Connection: close").Fin(),
            Script.OnRequest.Answer(401, "application/json", Echo, "Connection: close", id).Fin(),
            Script.OnRequest.Answer(503, "application/json", "{}", "Connection: close").Fin(),
            Script.OnRequest.Sse(id).Chunk(Answers.Hi + "data: " + Echo + "\n\n").LastChunk().Fin(),
            Script.OnRequest.Answer(503, "application/json", "{}", "Connection: close").Fin(),
            Script.OnRequest.Answer(401, "application/json", Echo, "Connection: close", id).Fin()
        );
        var errors = new List<LlmException>
        {
            await Assert.ThrowsAsync<LlmException>(() => Client().SendAsync("Hi", wire.Token)),
            await Assert.ThrowsAsync<LlmException>(async () => await (await Client().StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token)),
            await Assert.ThrowsAsync<LlmException>(() => Client().ListModelsAsync(wire.Token)),
        };
        foreach (var error in errors)
        {
            Assert.Contains("The keys [redacted] and [redacted] are wrong.", error.Message, StringComparison.Ordinal);
            Assert.Equal(("no-[redacted]", "[redacted]"), (error.ProviderCode, error.RequestId));
            Assert.DoesNotContain("tok-", error.ToString(), StringComparison.Ordinal);
        }

        LlmClient Client() => wire.Client(provider: provider with { Credential = new Renewed(Old, New) });
    }

    [Fact]
    public void Key_OfCredentialThatIsNotSecret_IsNotNoted()
    {
        using var wire = new WireRequest { BaseUrl = new Uri("http://localhost/") };
        using var client = new LlmClient(FaultWire.Compatible() with { Credential = new Renewed("placeholder") { IsOpen = true } }, "m");
        client.Requests.Authenticate(wire);
        Assert.Equal(("Bearer placeholder", null), (Assert.Single(wire.Headers).Value, wire.Secrets));
    }

    private sealed class Unreachable : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(HttpRequestError.ConnectionError);
    }

    private sealed class Renewed(params string[] tokens) : Credential
    {
        private int _next;

        public bool IsOpen { get; init; }

        public override bool IsSecret => !IsOpen;

        public override void Sign(WireRequest request) => request.SetHeader("Authorization", "Bearer " + tokens[_next++]);
    }
}
