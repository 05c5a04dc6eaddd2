using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RawLlm.Cli.Doctor;
using RawLlm.Cli.Targets;

namespace RawLlm.Tests.Cli;

public sealed class DoctorCommandTests
{
    private static readonly string[] AllChecks =
    [
        "reachable",
        "TLS",
        "key",
        "models",
        "whole answer",
        "stream",
        "usage",
        "tools",
        "parallel tools",
        "tool choice",
        "JSON schema",
        "reasoning",
        "image",
        "error shape",
        "rate-limit headers",
    ];

    [Fact]
    public async Task Doctor_DemoProvider_ReportsEveryCheck()
    {
        var run = await CliRun.OfAsync("doctor", "--provider", "demo");

        foreach (string check in AllChecks)
            Assert.Contains($"\n{check} ", run.Out);
        Assert.Matches(@"\nstream +works +\d+ pieces, first after [\d.]+ m?s, then every [\d.]+ m?s", run.Out);
        Assert.Matches(@"\nreasoning +works +80 characters in reasoning_content, 3 tokens", run.Out);
        Assert.Contains("provider: Providers.OpenAICompatible(new Uri(\"http://127.0.0.1:", run.Out);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Doctor_ServerRejectsMembers_AdaptsDialectUntilServerAnswers()
    {
        await using var server = new ScriptedService(Picky);

        var run = await CliRun.OfAsync("doctor", "--base-url", server.Url, "--json");

        var report = JsonNode.Parse(run.Out)!;
        var checks = report["checks"]!
            .AsArray()
            .ToDictionary(
                check => (string)check!["check"]!,
                check => (Verdict: (string)check!["verdict"]!, Detail: (string)check["detail"]!)
            );
        Assert.Equal(AllChecks, checks.Keys);
        Assert.Equal("picky-chat", (string)report["model"]!);
        Assert.All(
            checks,
            check => Assert.True(check.Value.Verdict == (check.Key is "TLS" ? "Skipped" : "Works"), $"{check.Key}: {check.Value}")
        );
        Assert.Equal("2 listed", checks["models"].Detail);
        Assert.Equal("2 calls in one streamed turn", checks["parallel tools"].Detail);
        Assert.Equal("required obeyed, named obeyed, none obeyed", checks["tool choice"].Detail);
        Assert.Equal("5 characters in reasoning", checks["reasoning"].Detail);
        Assert.StartsWith("NotFound, HTTP 404, code model_not_found", checks["error shape"].Detail, StringComparison.Ordinal);
        Assert.Equal("requests 99 of 100", checks["rate-limit headers"].Detail);
        Assert.Equal(3, (int)report["timing"]!["events"]!);
        Assert.Equal(
            $"Providers.OpenAICompatible(new Uri(\"{server.Url}\"), apiKey) with {{ Protocol = (ChatCompletionsProtocol)Providers.OpenAICompatible(new Uri(\"{server.Url}\"), apiKey).Protocol with {{ MaxTokensName = \"max_completion_tokens\", RequestsStreamUsage = false, SupportsStrict = false }} }}",
            (string)report["expression"]!
        );
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task Doctor_RejectedKey_IsReportedWithoutShowingKey()
    {
        await using var server = new ScriptedService(
            (_, _) =>
                ScriptedService.Answer.Json(
                    """{"error":{"message":"Incorrect API key provided: sk-secret-value-1234567890.","code":"invalid_api_key"}}""",
                    401
                )
        );

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "GROQ_API_KEY" ? "sk-secret-value-1234567890" : null },
            "doctor",
            "--provider",
            "groq",
            "--base-url",
            server.Url,
            "--key-env",
            "GROQ_API_KEY"
        );

        Assert.Matches(@"\nkey +fails +the service rejects the one in GROQ_API_KEY\n", run.Out);
        Assert.Matches(@"\ntools +- +the model does not answer\n", run.Out);
        Assert.Contains(
            $"provider: Providers.Get(\"groq\") with {{ BaseUrl = new Uri(\"{server.Url}\"), Credential = Credential.BearerFrom(\"GROQ_API_KEY\") }}",
            run.Out
        );
        Assert.DoesNotContain("sk-secret-value", run.Out + run.Error);
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("openai", @"Credential = Credential\.BearerFrom\(""(?<key>\w+)""\)")]
    [InlineData("anthropic", @"Credential = Credential\.HeaderFrom\(""(?<name>[\w-]+)"", ""(?<key>\w+)""\)")]
    public async Task Expression_OtherHostAndKey_IsValidProviderForClient(string name, string credential)
    {
        const string Variable = "RAWLLM_TEST_DOCTOR_KEY";
        Environment.SetEnvironmentVariable(Variable, "k");

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = Environment.GetEnvironmentVariable },
            "doctor",
            "--provider",
            name,
            "--base-url",
            "http://127.0.0.1:1/v1",
            "--key-env",
            Variable,
            "--json"
        );

        string expression = (string)JsonNode.Parse(run.Out)!["expression"]!;
        var parts = Regex.Match(
            expression,
            $@"^Providers\.Get\(""(?<provider>\w+)""\) with {{ BaseUrl = new Uri\(""(?<url>[^""]+)""\), {credential} }}$"
        );
        Assert.True(parts.Success, expression);
        string key = parts.Groups["key"].Value;
        var provider = Providers.Get(parts.Groups["provider"].Value) with
        {
            BaseUrl = new Uri(parts.Groups["url"].Value),
            Credential = parts.Groups["name"] is { Success: true, Value: var header }
                ? Credential.HeaderFrom(header, key)
                : Credential.BearerFrom(key),
        };
        using var client = new LlmClient(provider, "m");
        Assert.Equal(new Uri("http://127.0.0.1:1/v1"), client.Provider.BaseUrl);
    }

    [Theory]
    [InlineData("GROQ_API_KEY", "Providers.Get(\"groq\")")]
    [InlineData("MY_KEY", "Providers.Get(\"groq\") with { Credential = Credential.BearerFrom(\"MY_KEY\") }")]
    public void Expression_KnownService_IncludesCustomKeyVariable(string variable, string expected)
    {
        var target = new Target(Providers.Groq with { Credential = Credential.Bearer("k") }, null) { KeyVariable = variable };

        Assert.Equal(expected, ProviderExpression.Write(target, null, []));
    }

    [Fact]
    public void Expression_UnknownServiceWithKey_ReadsKeyVariable()
    {
        var target = new Target(Providers.OpenAICompatible("http://127.0.0.1:1/v1", "k"), null) { KeyVariable = "MY_KEY" };

        Assert.Equal(
            "Providers.OpenAICompatible(new Uri(\"http://127.0.0.1:1/v1\"), Environment.GetEnvironmentVariable(\"MY_KEY\"))",
            ProviderExpression.Write(target, "http://127.0.0.1:1/v1", [])
        );
    }

    [Theory]
    [InlineData("http://far.invalid/v1", true, "new LlmClientOptions { AllowKeyOverPlainHttp = true }")]
    [InlineData("https://far.invalid/v1", true, null)]
    [InlineData("http://far.invalid/v1", false, null)]
    [InlineData("http://127.0.0.1:1/v1", true, null)]
    public void Options_KeyOverPlainHttp_AreReportedNextToExpression(string address, bool hasKey, string? expected)
    {
        var provider = Providers.OpenAICompatible(address, hasKey ? "k" : null);
        var target = new Target(provider, null) { Options = new LlmClientOptions { AllowKeyOverPlainHttp = true } };

        using var examination = new Examination(target, address, TimeSpan.FromSeconds(1), static _ => { });

        Assert.Equal(expected, examination.Diagnosis.Options);
    }

    [Theory]
    [InlineData(500, false, "Skipped")]
    [InlineData(500, true, "Skipped")]
    [InlineData(403, false, "Fails")]
    [InlineData(401, true, "Fails")]
    [InlineData(200, false, "Works")]
    public async Task KeyCheck_StatusOfService_WorksOnlyIfModelAnswered(int status, bool hasList, string verdict)
    {
        await using var server = new ScriptedService(
            (_, body) =>
                body is null && hasList ? ScriptedService.Answer.Json("""{"data":[{"id":"m"}]}""")
                : status == 200 && body is not null
                    ? ScriptedService.Answer.Json("""{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}""")
                : ScriptedService.Answer.Json("""{"error":{"message":"No."}}""", status == 200 ? 403 : status)
        );

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "MY_KEY" ? "k" : null },
            "doctor",
            "--base-url",
            server.Url,
            "--key-env",
            "MY_KEY",
            "--model",
            "m",
            "--json"
        );

        var check = JsonNode.Parse(run.Out)!["checks"]!.AsArray().Single(check => (string)check!["check"]! == "key")!;
        Assert.Equal(verdict, (string)check["verdict"]!);
        Assert.Contains("MY_KEY", (string)check["detail"]!);
    }

    [Fact]
    public async Task Doctor_ModelWithServicePrefix_SendsModelWithoutPrefix()
    {
        await using var server = new ScriptedService((_, _) => ScriptedService.Answer.Json("""{"error":{"message":"No."}}""", 500));

        var run = await CliRun.OfAsync(
            shell => shell with { Variable = name => name == "MY_KEY" ? "k" : null },
            "doctor",
            "--provider",
            "Groq",
            "--base-url",
            server.Url,
            "--key-env",
            "MY_KEY",
            "--model",
            "groq:m-1",
            "--json"
        );

        Assert.Equal("m-1", (string?)JsonNode.Parse(run.Out)!["model"]);
    }

    [Fact]
    public async Task Doctor_CancelledWithJson_PrintsCompletedChecks()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = new ScriptedService(
            (_, _) =>
            {
                cancellation.Cancel();
                return ScriptedService.Answer.Json("{}");
            }
        );

        var run = await CliRun.OfAsync(shell => shell, cancellation.Token, "doctor", "--base-url", server.Url, "--json");

        var json = JsonNode.Parse(run.Out)!;
        Assert.Equal("Cancelled", (string?)json["error"]!["kind"]);
        Assert.Equal("reachable", (string?)json["checks"]![0]!["check"]);
        Assert.Equal(130, run.Code);
    }

    [Fact]
    public async Task Doctor_Canceled_PrintsCompletedChecks()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = new ScriptedService(
            (_, _) =>
            {
                cancellation.Cancel();
                return ScriptedService.Answer.Json("{}");
            }
        );

        var run = await CliRun.OfAsync(shell => shell, cancellation.Token, "doctor", "--base-url", server.Url);

        Assert.Contains("reachable works", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("canceled\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(130, run.Code);
    }

    [Fact]
    public async Task Doctor_ConnectionRefused_SkipsRemainingChecks()
    {
        var run = await CliRun.OfAsync("doctor", "--base-url", "http://127.0.0.1:1/", "--json");

        var checks = JsonNode.Parse(run.Out)!["checks"]!.AsArray();
        Assert.Equal(AllChecks, checks.Select(check => (string)check!["check"]!));
        Assert.Equal(["Fails", .. Enumerable.Repeat("Skipped", AllChecks.Length - 1)], checks.Select(check => (string)check!["verdict"]!));
        Assert.Equal(
            "127.0.0.1:1: ConnectionRefused; check that the server is running, and the port in --base-url",
            (string)checks[0]!["detail"]!
        );
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Doctor_TlsToPlainHttpServer_ReportsSameErrorAsChat()
    {
        using var plain = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        plain.Start();
        string url = $"https://{plain.LocalEndpoint}";
        var serving = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using var client = await plain.AcceptTcpClientAsync();
                    _ = await client.GetStream().ReadAsync(new byte[4096]);
                    await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray());
                }
            }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over.
            }
        });

        var report = await ReportAsync(url);
        var chat = await CliRun.OfAsync("chat", "--base-url", url, "--model", "m", "Hello");
        string place = plain.LocalEndpoint.ToString()!;
        plain.Stop();
        await serving;

        const string Expected =
            "The secure connection failed: the server does not speak TLS. Check that the server speaks TLS on this port (use http:// if it does not).";
        Assert.Equal(("Fails", Expected), (Verdict(report, "TLS"), Detail(report, "TLS")));
        Assert.Contains(Expected, chat.Error, StringComparison.Ordinal);
        Assert.StartsWith($"{place} in ", Detail(report, "reachable"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--json")]
    public async Task Doctor_AddressContainsSecret_DoesNotShowSecret(params string[] options)
    {
        var provider = Providers.OpenAICompatible("http://user:sekret@127.0.0.1:1/v1?key=sekret#sekret") with { Name = "own" };

        var run = await CliRun.OfAsync(shell => shell with { Providers = [provider] }, ["doctor", "--provider", "own", .. options]);

        Assert.Contains("http://127.0.0.1:1/v1", run.Out);
        Assert.DoesNotContain("sekret", run.Out + run.Error);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public async Task Doctor_InvalidTimeout_IsUsageError()
    {
        var run = await CliRun.OfAsync("doctor", "--provider", "demo", "--timeout", "0");

        Assert.Contains("--timeout takes 1 to 3600 seconds.", run.Error);
        Assert.Equal(2, run.Code);
    }

    [Fact]
    public async Task Doctor_ToolCallReturnedAsText_SuggestsToolCallParser()
    {
        await using var server = new ScriptedService(
            (_, body) =>
                body is null
                    ? ScriptedService.Answer.Json("""{"data":[{"id":"qwen"}]}""")
                    : ScriptedService.Answer.Json(
                        """{"choices":[{"index":0,"message":{"content":"<tool_call>{}</tool_call>"},"finish_reason":"stop"}]}"""
                    )
        );

        var run = await CliRun.OfAsync("doctor", "--base-url", server.Url);

        Assert.Matches(
            @"\ntools +fails +wrote the call as text: “<tool_call>{}</tool_call>”; start the server with its tool-call parser\n",
            run.Out
        );
    }

    [Fact]
    public async Task Doctor_OldServerWithNewModelName_FindsMaxTokens()
    {
        await using var server = new ScriptedService(
            (_, body) =>
                body is null ? ScriptedService.Answer.Json("""{"data":[{"id":"gpt-5"}]}""")
                : body["max_completion_tokens"] is not null ? Refusal("Unknown member max_completion_tokens.")
                : Text("red")
        );

        var report = await ReportAsync(server);

        Assert.Equal("Works", Verdict(report, "whole answer"));
        Assert.Contains("with { MaxTokensName = \"max_tokens\" }", (string)report["expression"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--model", "m")]
    public async Task Doctor_ServerWithoutRootPath_FindsModelList(params string[] options)
    {
        await using var server = new ScriptedService(
            static (path, _) =>
                path switch
                {
                    "/models" => ScriptedService.Answer.Json("""{"data":[{"id":"m"}]}"""),
                    "/chat/completions" => Text("red"),
                    _ => Refusal("No such page.", 404),
                }
        );

        var report = await ReportAsync(server.Root, options);

        Assert.Equal(("Works", "1 listed"), (Verdict(report, "models"), Detail(report, "models")));
        Assert.Equal("Works", Verdict(report, "whole answer"));
        Assert.Equal("m", (string?)report["model"]);
        Assert.Contains("with { RootPath = \"\" }", (string)report["expression"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_OnlyModelListWithoutRootPath_KeepsRootPathForChat()
    {
        await using var server = new ScriptedService(
            static (path, _) =>
                path switch
                {
                    "/models" => ScriptedService.Answer.Json("""{"data":[{"id":"m"}]}"""),
                    "/v1/chat/completions" => Text("red"),
                    _ => Refusal("No such page.", 404),
                }
        );

        var report = await ReportAsync(server.Root);

        Assert.Equal("Works", Verdict(report, "whole answer"));
        Assert.DoesNotContain("RootPath = \"\"", (string)report["expression"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Doctor_TemporaryRateLimit_WaitsAndRetries(int status)
    {
        int requests = 0;
        await using var server = new ScriptedService(
            (path, body) => requests++ % 2 == 0 ? Limit(status, "retry-after-ms", "1") : Picky(path, body, accepts: true)
        );

        var report = await ReportAsync(server);

        Assert.All(report["checks"]!.AsArray(), check => Assert.NotEqual("Fails", (string)check!["verdict"]!));
        Assert.Equal("Works", Verdict(report, "JSON schema"));
        Assert.DoesNotContain(" with { ", (string)report["expression"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "retry-after", "3600", "could not be checked: rate limited")]
    [InlineData(429, "retry-after-ms", "1", "could not be checked: rate limited")]
    [InlineData(503, "retry-after", "3600", "could not be checked: the service is overloaded")]
    public async Task Doctor_PersistentRateLimit_SkipsChecks(int status, string header, string wait, string expected)
    {
        int limited = 0;
        await using var server = new ScriptedService(
            (path, body) =>
            {
                if (body?["response_format"] is null && body?["reasoning_effort"] is null)
                    return Picky(path, body, accepts: true);
                limited++;
                return Limit(status, header, wait);
            }
        );

        var report = await ReportAsync(server);

        Assert.Equal(("Skipped", expected), (Verdict(report, "JSON schema"), Detail(report, "JSON schema")));
        Assert.Equal(("Skipped", expected), (Verdict(report, "reasoning"), Detail(report, "reasoning")));
        Assert.Equal(header == "retry-after" ? 2 : 3, limited);
        Assert.True((bool)report["usable"]!);
    }

    [Fact]
    public async Task Doctor_RateLimitAfterRefusal_TriesNoOtherSettings()
    {
        var schemas = new List<string>();
        await using var server = new ScriptedService(
            (path, body) =>
            {
                if (body?["response_format"] is not { } format)
                    return Picky(path, body, accepts: true);
                schemas.Add(format.ToJsonString());
                return schemas.Count == 1 ? Refusal("Unknown member strict.") : Limit(429, "retry-after", "3600");
            }
        );

        var report = await ReportAsync(server);

        Assert.Equal(2, schemas.Count);
        Assert.Equal("could not be checked: rate limited", Detail(report, "JSON schema"));
        Assert.DoesNotContain(" with { ", (string)report["expression"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_StreamingRefused_SendsNonStreamingRequests()
    {
        await using var server = new ScriptedService(
            (path, body) => (bool?)body?["stream"] == true ? Refusal("No streams.") : Picky(path, body, accepts: true)
        );

        var report = await ReportAsync(server);

        Assert.Equal("Fails", Verdict(report, "stream"));
        Assert.Equal(("Works", "2 calls in one turn"), (Verdict(report, "parallel tools"), Detail(report, "parallel tools")));
        Assert.Equal(("Works", "5 characters"), (Verdict(report, "reasoning"), Detail(report, "reasoning")));
    }

    [Fact]
    public async Task Doctor_StreamFails_IsOmittedFromUsage()
    {
        await using var server = new ScriptedService(
            (path, body) => (bool?)body?["stream"] == true ? Refusal("No streams.") : Picky(path, body, accepts: true)
        );

        var report = await ReportAsync(server);

        Assert.Equal(("Works", "whole: 3 in, 4 out"), (Verdict(report, "usage"), Detail(report, "usage")));
    }

    [Fact]
    public async Task Doctor_OnlyRequiredToolChoiceRefused_KeepsOtherChoices()
    {
        await using var server = new ScriptedService(
            (path, body) =>
                body?["tool_choice"] is JsonValue choice && (string?)choice is not ("auto" or "none")
                    ? Refusal("tool_choice must either be a named tool, 'auto', or 'none'.")
                    : Picky(path, body, accepts: true)
        );

        var report = await ReportAsync(server);

        Assert.Equal(
            ("Differs", "required not supported; auto sent instead, named obeyed, none obeyed"),
            (Verdict(report, "tool choice"), Detail(report, "tool choice"))
        );
        Assert.Contains("with { RequiredToolChoice = \"auto\" }", (string)report["expression"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_EveryToolChoiceRefused_ReportsNoneAsObeyed()
    {
        await using var server = new ScriptedService(
            (path, body) => body?["tool_choice"] is not null ? Refusal("Unknown member tool_choice.") : Picky(path, body, accepts: true)
        );

        var report = await ReportAsync(server);

        Assert.Equal(
            ("Differs", "required not supported; left out, named not supported; left out, none not supported; tools left out"),
            (Verdict(report, "tool choice"), Detail(report, "tool choice"))
        );
        Assert.Contains("with { SupportsToolChoice = false }", (string)report["expression"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_OnlyToolChoiceNoneRefused_KeepsOtherChoices()
    {
        await using var server = new ScriptedService(
            (path, body) =>
                body?["tool_choice"] is JsonValue choice && (string?)choice == "none"
                    ? Refusal("tool_choice 'none' is not supported.")
                    : Picky(path, body, accepts: true)
        );

        var report = await ReportAsync(server);

        Assert.Equal(
            ("Differs", "required obeyed, named obeyed, none not supported; tools left out"),
            (Verdict(report, "tool choice"), Detail(report, "tool choice"))
        );
        Assert.Contains("with { SupportsToolChoiceNone = false }", (string)report["expression"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//other.example/v1", "to another host, http://other.example. Redirects are never followed. Correct the base URL.")]
    [InlineData("https://{0}/v1", "to HTTPS on the same host, https://{0}. Redirects are never followed. Use https in the base URL.")]
    [InlineData("https://other.example/v1", "to another host, https://other.example. ")]
    [InlineData("http://127.0.0.1:1/v1", "to another port of the same host, http://127.0.0.1:1. ")]
    [InlineData("/login", "elsewhere on the same host. ")]
    public async Task Doctor_Redirect_ReportsWhereItLeads(string location, string expected)
    {
        string authority = "";
        await using var server = new ScriptedService(
            (_, _) =>
                ScriptedService.Answer.Json("{}", 307) with
                {
                    Headers = new Dictionary<string, string> { ["Location"] = location.Replace("{0}", authority) },
                }
        );
        authority = new Uri(server.Url).Authority;

        var run = await CliRun.OfAsync("doctor", "--base-url", server.Url, "--model", "m", "--json");

        string detail = Detail(JsonNode.Parse(run.Out)!.AsObject(), "whole answer");
        Assert.StartsWith("UnexpectedRedirect (HTTP 307): The server returned status 307 and redirected the client ", detail);
        Assert.Contains(expected.Replace("{0}", authority), detail, StringComparison.Ordinal);
        Assert.Equal(1, run.Code);
    }

    private static ScriptedService.Answer Limit(int status, string header, string wait) =>
        Refusal("Try later.", status) with
        {
            Headers = new Dictionary<string, string> { [header] = wait },
        };

    private static ScriptedService.Answer Refusal(string message, int status = 400) =>
        ScriptedService.Answer.Json(new JsonObject { ["error"] = new JsonObject { ["message"] = message } }.ToJsonString(), status);

    private static ScriptedService.Answer Text(string text) =>
        ScriptedService.Answer.Json($$"""{"choices":[{"index":0,"message":{"content":"{{text}}"},"finish_reason":"stop"}]}""");

    private static Task<JsonNode> ReportAsync(ScriptedService server) => ReportAsync(server.Url);

    private static async Task<JsonNode> ReportAsync(string url, params string[] options)
    {
        var run = await CliRun.OfAsync(["doctor", "--json", "--base-url", url, .. options]);
        return JsonNode.Parse(run.Out)!;
    }

    private static JsonNode Check(JsonNode report, string name) =>
        report["checks"]!.AsArray().Single(check => (string)check!["check"]! == name)!;

    private static string Verdict(JsonNode report, string name) => (string)Check(report, name)["verdict"]!;

    private static string Detail(JsonNode report, string name) => (string)Check(report, name)["detail"]!;

    private static ScriptedService.Answer Picky(string path, JsonNode? body) => Picky(path, body, accepts: false);

    // Rejects max_tokens, stream_options and strict, unless it accepts everything.
    private static ScriptedService.Answer Picky(string path, JsonNode? body, bool accepts)
    {
        if (body is null)
            return ScriptedService.Answer.Json("""{"data":[{"id":"picky-embed"},{"id":"picky-chat"}]}""");
        foreach (string name in new[] { "max_tokens", "stream_options" })
        {
            if (!accepts && body[name] is not null)
            {
                return ScriptedService.Answer.Json(
                    $$"""{"error":{"message":"Unknown member {{name}}.","type":"invalid_request_error"} }""",
                    400
                );
            }
        }
        if (!accepts && body.ToJsonString().Contains("\"strict\"", StringComparison.Ordinal))
            return ScriptedService.Answer.Json("""{"error":{"message":"Unknown member strict.","type":"invalid_request_error"}}""", 400);
        if ((string)body["model"]! != "picky-chat")
            return ScriptedService.Answer.Json("""{"error":{"message":"No such model.","code":"model_not_found"}}""", 404);
        string message =
            body["tools"] is not null && (string?)(body["tool_choice"] as JsonValue) != "none"
                ? $$"""{"content":null,"tool_calls":[{{Call(0)}},{{Call(1)}}]}"""
            : body["reasoning_effort"] is not null ? """{"content":"No.","reasoning":"7*13."}"""
            : body["response_format"] is not null ? """{"content":"{\"capital\":\"Paris\"}"}"""
            : """{"content":"red"}""";
        const string Usage = """ "usage":{"prompt_tokens":3,"completion_tokens":4} """;
        var answer =
            (bool?)body["stream"] == true
                ? ScriptedService.Answer.Sse(
                    Chunk(message),
                    Chunk("""{"content":", green"}"""),
                    Chunk("""{"content":", blue"}"""),
                    $$"""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],{{Usage}} }"""
                )
                : ScriptedService.Answer.Json($$"""{"choices":[{"index":0,"message":{{message}},"finish_reason":"stop"}],{{Usage}} }""");
        return answer with
        {
            Headers = new Dictionary<string, string> { ["x-ratelimit-limit-requests"] = "100", ["x-ratelimit-remaining-requests"] = "99" },
        };

        static string Call(int index) =>
            $$$"""{"index":{{{index}}},"id":"call_{{{index}}}","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}""";

        static string Chunk(string delta) => $$"""{"choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""";
    }
}
