using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RichardSzalay.MockHttp;

namespace RawLlm.Extensions.Hosting.Tests;

/// <summary>Dependency injection creates clients as they were described, and reports mistakes when the program starts.</summary>
public sealed class RegistrationTests
{
    private const string Key = "sk-very-secret-1234567890";
    private const string Answer =
        """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}""";

    private static readonly Provider OpenAI = Providers.OpenAI with { Credential = Credential.Bearer(Key) };

    [Fact]
    public async Task Client_Registered_SendsThroughFactoryHandlers()
    {
        using var mock = new MockHttpMessageHandler();
        mock.Expect(HttpMethod.Post, "https://api.openai.com/v1/chat/completions")
            .WithHeaders("Authorization", "Bearer " + Key)
            .WithHeaders("X-Added", "1")
            .WithPartialContent("\"model\":\"gpt-x\"")
            .Respond("application/json", Answer);
        var services = new ServiceCollection();
        services
            .AddLlmClient(setup => (setup.Provider, setup.Model) = (OpenAI, "gpt-x"))
            .AddHttpMessageHandler(() => new AddingHandler())
            .ConfigurePrimaryHttpMessageHandler(() => mock);
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        var client = provider.GetRequiredService<LlmClient>();

        Assert.Same(client, provider.GetRequiredService<LlmClient>());
        Assert.Equal("Yes.", (await client.SendAsync("Hi")).Text);
        mock.VerifyNoOutstandingExpectation();
    }

    [Fact]
    public async Task Clients_RegisteredUnderKeys_AreSeparateAndDisposedWithContainer()
    {
        var services = new ServiceCollection();
        services.AddLlmClient("fast", setup => (setup.Provider, setup.Model) = (OpenAI, "gpt-small"));
        services.AddLlmClient(
            "good",
            setup =>
                (setup.Provider, setup.Model, setup.Options) = (OpenAI, "gpt-large", new LlmClientOptions { Retries = LlmRetries.None })
        );
        var provider = services.BuildServiceProvider();

        var fast = provider.GetRequiredKeyedService<LlmClient>("fast");
        var good = provider.GetRequiredKeyedService<LlmClient>("good");

        Assert.Equal(("gpt-small", "gpt-large", 1), (fast.Model, good.Model, good.Options.Retries.MaxAttempts));
        Assert.Null(provider.GetService<LlmClient>());
        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => fast.SendAsync("Hi"));
    }

    [Fact]
    public void FactoryHandler_ForClient_IsSocketsHttpHandlerWithoutClientTimeout()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(setup =>
        {
            (setup.Provider, setup.Model) = (OpenAI, "m");
            setup.Options = new LlmClientOptions { Timeouts = LlmTimeouts.Default with { Connect = TimeSpan.FromSeconds(3) } };
        });
        using var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<LlmClient>();

        HttpMessageHandler? handler = provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("RawLlm");
        while (handler is DelegatingHandler outer)
            handler = outer.InnerHandler;

        var sockets = Assert.IsType<SocketsHttpHandler>(handler);
        Assert.Equal((false, TimeSpan.FromSeconds(3)), (sockets.AllowAutoRedirect, sockets.ConnectTimeout));
        Assert.Equal(Timeout.InfiniteTimeSpan, provider.GetRequiredService<IHttpClientFactory>().CreateClient("RawLlm").Timeout);
    }

    [Fact]
    public async Task ApiKey_AtTraceLevel_IsNotLogged()
    {
        using var mock = new MockHttpMessageHandler();
        mock.When("*").Respond("application/json", Answer);
        var log = new KeptLog();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        // A program may have set this for its other clients.
        services.ConfigureHttpClientDefaults(http => http.RedactLoggedHeaders(_ => false));
        services
            .AddLlmClient(Section(("Provider", "openai"), ("Model", "m"), ("ApiKey", Key)))
            .ConfigurePrimaryHttpMessageHandler(() => mock);
        await using var provider = services.BuildServiceProvider();

        await provider.GetRequiredService<LlmClient>().SendAsync("Hi");

        Assert.Contains("Authorization", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openrouter", "openai/gpt-5", null, "openrouter", "https://openrouter.ai/api/v1/", "openai/gpt-5")]
    [InlineData("OpenRouter", "openai/gpt-5", "https://proxy.example/v1", "openrouter", "https://proxy.example/v1", "openai/gpt-5")]
    [InlineData(null, "groq:llama-3.3-70b-versatile", null, "groq", "https://api.groq.com/openai/v1/", "llama-3.3-70b-versatile")]
    [InlineData(null, "my-model", "http://localhost:8000", "openai-compatible", "http://localhost:8000/", "my-model")]
    [InlineData(null, "mistral:7b", "http://localhost:11434/v1", "openai-compatible", "http://localhost:11434/v1", "mistral:7b")]
    [InlineData("ollama", "llama3:8b", "https://ollama.example", "ollama", "https://ollama.example/", "llama3:8b")]
    public async Task Section_InEachForm_ConfiguresProviderUrlAndModel(
        string? name,
        string model,
        string? baseUrl,
        string expectedName,
        string expectedUrl,
        string expectedModel
    )
    {
        using var mock = new MockHttpMessageHandler();
        mock.Expect("*").WithHeaders("Authorization", "Bearer " + Key).Respond("application/json", Answer);
        var services = new ServiceCollection();
        services
            .AddLlmClient("a", Section(("Provider", name), ("Model", model), ("BaseUrl", baseUrl), ("ApiKey", Key)))
            .ConfigurePrimaryHttpMessageHandler(() => mock);
        await using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredKeyedService<LlmClient>("a");

        Assert.Equal((expectedName, new Uri(expectedUrl), expectedModel), (client.Provider.Name, client.Provider.BaseUrl, client.Model));
        if (expectedName != "ollama")
            Assert.Equal("Yes.", (await client.SendAsync("Hi")).Text);
    }

    [Theory]
    [InlineData("azure", "https://my.openai.azure.com", null, "https://my.openai.azure.com/openai/v1/chat/completions")]
    [InlineData("azure", "https://my.openai.azure.com/openai/v1/", null, "https://my.openai.azure.com/openai/v1/chat/completions")]
    [InlineData(
        "azure",
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
        null,
        "https://my.openai.azure.com/openai/v1/chat/completions"
    )]
    [InlineData(
        "azure",
        "https://my.openai.azure.com/openai/v1/chat/completions?api-version=preview",
        null,
        "https://my.openai.azure.com/openai/v1/chat/completions?api-version=preview"
    )]
    [InlineData(
        "azure-deployments",
        "https://my.openai.azure.com/",
        null,
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-04-01-preview"
    )]
    [InlineData(
        "azure-deployments",
        "https://my.openai.azure.com",
        "2024-10-21",
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
    )]
    [InlineData(
        "azure-deployments",
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-12-01-preview",
        null,
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-12-01-preview"
    )]
    [InlineData(
        "azure-deployments",
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-12-01-preview",
        "2024-10-21",
        "https://my.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
    )]
    [InlineData(
        "azure-deployments",
        "https://gateway.example/llm/openai",
        null,
        "https://gateway.example/llm/openai/deployments/d/chat/completions?api-version=2025-04-01-preview"
    )]
    public async Task Section_WithAzureUrl_SendsToAzureEndpoint(string name, string baseUrl, string? version, string expected)
    {
        using var mock = new MockHttpMessageHandler();
        mock.Expect(expected).WithHeaders("api-key", Key).Respond("application/json", Answer);
        mock.Expect(expected).WithHeaders("api-key", Key).Respond("application/json", Answer);
        var services = new ServiceCollection();
        services
            .AddLlmClient("a", Section(("Provider", name), ("Model", "d"), ("BaseUrl", baseUrl), ("ApiKey", Key), ("ApiVersion", version)))
            .ConfigurePrimaryHttpMessageHandler(() => mock);
        services
            .AddLlmClient(
                "b",
                Section(("Model", "d"), ("BaseUrl", baseUrl), ("ApiKey", Key), ("ApiVersion", version)),
                setup => setup.Provider = Providers.Get(name)
            )
            .ConfigurePrimaryHttpMessageHandler(() => mock);
        await using var provider = services.BuildServiceProvider();

        Assert.Equal("Yes.", (await provider.GetRequiredKeyedService<LlmClient>("a").SendAsync("Hi")).Text);
        Assert.Equal("Yes.", (await provider.GetRequiredKeyedService<LlmClient>("b").SendAsync("Hi")).Text);
    }

    [Fact]
    public void Section_WithTimeoutsAndRetries_OverridesDefaults()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(
            "a",
            Section(
                ("model", "openai:m"),
                ("apikey", Key),
                ("timeouts:connect", "00:00:03"),
                ("Timeouts:StreamHeaders", "0:05:00.5"),
                ("Timeouts:ReplyDeadline", "infinite"),
                ("Timeouts:StreamDeadline", "1.00:00:00"),
                ("Timeouts:Idle", ""),
                ("Retries:MaxAttempts", "5"),
                ("Retries:MaxRetryAfter", "00:02:00"),
                ("Retries:BaseDelay", "00:00:00"),
                ("Retries:Budget", "0")
            )
        );
        services.AddLlmClient(
            "b",
            Section(("Model", "openai:m"), ("ApiKey", Key), ("Retries:MaxDelay", "00:00:08")),
            setup => setup.Options = setup.Options with { Strict = true }
        );
        services.AddLlmClient(
            "c",
            Section(
                ("Model", "openai:m"),
                ("ApiKey", Key),
                ("Timeouts:ReplyHeaders", "00:01:00"),
                ("Timeouts:FirstEvent", "00:01:01"),
                ("Timeouts:Idle", "00:01:02"),
                ("Timeouts:Stall", "00:01:03")
            )
        );
        services
            .AddOptions<LlmClientSetup>("c")
            .Configure(setup =>
                setup.Options = setup.Options with { Timeouts = setup.Options.Timeouts with { Stall = TimeSpan.FromSeconds(9) } }
            );
        using var provider = services.BuildServiceProvider();

        var first = provider.GetRequiredKeyedService<LlmClient>("a").Options;
        Assert.Equal(
            LlmTimeouts.Default with
            {
                Connect = TimeSpan.FromSeconds(3),
                StreamHeaders = TimeSpan.FromSeconds(300.5),
                ReplyDeadline = Timeout.InfiniteTimeSpan,
                StreamDeadline = TimeSpan.FromDays(1),
            },
            first.Timeouts
        );
        Assert.Equal(
            LlmRetries.Default with
            {
                MaxAttempts = 5,
                MaxRetryAfter = TimeSpan.FromMinutes(2),
                BaseDelay = TimeSpan.Zero,
                Budget = 0,
            },
            first.Retries
        );
        var second = provider.GetRequiredKeyedService<LlmClient>("b").Options;
        Assert.Equal(
            (true, LlmRetries.Default with { MaxDelay = TimeSpan.FromSeconds(8) }, LlmTimeouts.Default),
            (second.Strict, second.Retries, second.Timeouts)
        );
        var third = provider.GetRequiredKeyedService<LlmClient>("c").Options;
        Assert.Equal(
            LlmTimeouts.Default with
            {
                ReplyHeaders = TimeSpan.FromSeconds(60),
                FirstEvent = TimeSpan.FromSeconds(61),
                Idle = TimeSpan.FromSeconds(62),
                Stall = TimeSpan.FromSeconds(9),
            },
            third.Timeouts
        );
    }

    // The configuration section must also read properties that are added to these types later.
    [Theory]
    [InlineData("Timeouts", typeof(LlmTimeouts))]
    [InlineData("Retries", typeof(LlmRetries))]
    public void Section_WithEachProperty_SetsIt(string group, Type type)
    {
        var properties = type.GetProperties().Where(property => property.CanWrite).ToArray();
        Assert.True(properties.Length > 4);
        foreach (var property in properties)
        {
            var services = new ServiceCollection();
            services.AddLlmClient(
                Section(
                    ("Model", "openai:m"),
                    ("ApiKey", Key),
                    ($"{group}:{property.Name}", property.PropertyType == typeof(int) ? "7" : "00:00:07")
                )
            );
            using var provider = services.BuildServiceProvider();
            var options = provider.GetRequiredService<LlmClient>().Options;

            Assert.Equal(
                property.PropertyType == typeof(int) ? 7 : TimeSpan.FromSeconds(7),
                property.GetValue(group == "Timeouts" ? options.Timeouts : options.Retries)
            );
        }
    }

    [Fact]
    public void ConfigurationRoot_WithUnrelatedKeys_IsAccepted()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(
            new ConfigurationBuilder()
                .AddInMemoryCollection([new("Model", "openai:m"), new("ApiKey", Key), new("PATH", "/bin"), new("Logging:LogLevel", "x")])
                .Build()
        );
        using var provider = services.BuildServiceProvider();
        Assert.Equal("m", provider.GetRequiredService<LlmClient>().Model);
    }

    [Fact]
    public async Task Chain_OfNamedClients_CallsThemInOrder()
    {
        using var busy = new MockHttpMessageHandler();
        busy.When("*").Respond(System.Net.HttpStatusCode.ServiceUnavailable);
        using var good = new MockHttpMessageHandler();
        good.When("https://api.mistral.ai/v1/chat/completions").WithPartialContent("\"model\":\"m2\"").Respond("application/json", Answer);
        var services = new ServiceCollection();
        // One chain is registered before its clients, one after them.
        services.AddLlmFallbackChain("sturdy", ["first", "second"], new FallbackOptions { MaxAttempts = 2 });
        services
            .AddLlmClient(
                "first",
                setup => (setup.Provider, setup.Model, setup.Options) = (OpenAI, "m1", new() { Retries = LlmRetries.None })
            )
            .ConfigurePrimaryHttpMessageHandler(() => busy);
        services
            .AddLlmClient("second", Section(("Provider", "mistral"), ("Model", "m2"), ("ApiKey", Key)))
            .ConfigurePrimaryHttpMessageHandler(() => good);
        services.AddLlmFallbackChain(["second", "second"]);
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        provider.GetRequiredService<IStartupValidator>().Validate();

        var chain = provider.GetRequiredKeyedService<FallbackChain>("sturdy");
        var reply = await chain.SendAsync("Hi");

        Assert.Equal(("Yes.", "mistral", "openai:m1"), (reply.Text, reply.Provider, Assert.Single(reply.Attempts).Endpoint));
        Assert.Same(chain, provider.GetRequiredKeyedService<FallbackChain>("sturdy"));
        Assert.Equal(2, chain.Options.MaxAttempts);
        Assert.Same(provider.GetRequiredKeyedService<LlmClient>("first"), chain.Clients[0]);
        var other = provider.GetRequiredService<FallbackChain>();
        Assert.Equal([chain.Clients[1], chain.Clients[1]], other.Clients);
        Assert.Same(FallbackOptions.Default, other.Options);
    }

    [Fact]
    public void Chain_WithUnregisteredClient_FailsStartupValidation()
    {
        var services = new ServiceCollection();
        services.AddLlmClient("good", setup => (setup.Provider, setup.Model) = (OpenAI, "m"));
        services.AddLlmFallbackChain("sturdy", ["good", "cheep"]);
        using var provider = services.BuildServiceProvider();

        var atStart = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Equal(
            "The FallbackChain 'sturdy': no LlmClient is registered as 'cheep'. Register it with AddLlmClient(\"cheep\", …); the registered names are: good.",
            atStart.Message
        );
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredKeyedService<FallbackChain>("sturdy"));
    }

    [Fact]
    public void Chain_OfClientRegisteredAsKeyedSingleton_IsCreated()
    {
        using var client = new LlmClient(OpenAI, "m");
        var services = new ServiceCollection();
        services.AddKeyedSingleton("mine", client);
        services.AddLlmFallbackChain(["mine"]);
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();
        Assert.Same(client, Assert.Single(provider.GetRequiredService<FallbackChain>().Clients));
    }

    [Fact]
    public void Chain_InvalidOrDuplicateRegistration_IsRejected()
    {
        var services = new ServiceCollection();
        Assert.Throws<ArgumentException>(() => services.AddLlmFallbackChain([]));
        Assert.Throws<ArgumentException>(() => services.AddLlmFallbackChain(["a", " "]));
        Assert.Throws<ArgumentException>(() => services.AddLlmFallbackChain(" ", ["a"]));
        Assert.Throws<ArgumentNullException>(() => services.AddLlmFallbackChain(null!));
        services.AddLlmFallbackChain(["a"]).AddLlmFallbackChain("x", ["a"]).AddLlmFallbackChain("y", ["a"]);
        Assert.Contains(
            "already registered without a name",
            Assert.Throws<ArgumentException>(() => services.AddLlmFallbackChain(["b"])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "already registered as 'x'",
            Assert.Throws<ArgumentException>(() => services.AddLlmFallbackChain("x", ["b"])).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("openai", "ft:gpt-4o:acme::x", null)]
    [InlineData("openrouter", "deepseek/deepseek-r1:free", null)]
    [InlineData("openrouter", "openrouter:auto", null)]
    [InlineData("ollama", "mistral:7b", null)]
    [InlineData("openai", "mistral:7b", "https://gateway.example/v1")]
    [InlineData(null, "mistral:7b", "https://gateway.example/v1")]
    public void Section_ModelWithColon_KeepsName(string? service, string model, string? baseUrl)
    {
        var services = new ServiceCollection();
        services.AddLlmClient(Section(("Provider", service), ("Model", model), ("BaseUrl", baseUrl), ("ApiKey", Key)));
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();

        Assert.Equal(model, provider.GetRequiredService<LlmClient>().Model);
    }

    [Theory]
    [InlineData("anthropic", "m", "https://api.anthropic.com/v1/messages", false)]
    [InlineData(null, "anthropic:m", "https://api.anthropic.com/v1/messages", false)]
    [InlineData(null, "m", "https://gateway.example/v1/chat/completions", false)]
    [InlineData(null, "m", "https://api.openai.com/v1/chat/completions", true)]
    [InlineData(null, "m", "https://gateway.example/v1/chat/completions", true)]
    public async Task Section_WithHeaders_SendsThem(string? service, string model, string expected, bool isOfProgram)
    {
        using var mock = new MockHttpMessageHandler();
        mock.Expect(expected)
            .WithHeaders("x-team", "search")
            .WithHeaders("x-own", "of the section")
            .WithHeaders("x-kept", "of the program")
            .Respond(System.Net.HttpStatusCode.BadRequest);
        var headers = new Dictionary<string, string> { ["X-Own"] = "of the program", ["x-kept"] = "of the program" };
        string? baseUrl = expected.StartsWith("https://gateway", StringComparison.Ordinal) ? "https://gateway.example/v1" : null;
        var services = new ServiceCollection();
        services
            .AddLlmClient(
                Section(
                    ("Provider", service),
                    ("Model", model),
                    ("BaseUrl", baseUrl),
                    ("ApiKey", Key),
                    ("Headers:x-team", "search"),
                    ("Headers:x-own", "of the section"),
                    ("Headers:x-not", "")
                ),
                setup => setup.Provider = isOfProgram ? Providers.OpenAI with { Headers = headers } : setup.Provider
            )
            .ConfigurePrimaryHttpMessageHandler(() => mock);
        if (!isOfProgram)
        {
            services
                .AddOptions<LlmClientSetup>()
                .Configure(setup =>
                    setup.Provider = setup.Provider! with
                    {
                        Headers = new Dictionary<string, string>(setup.Provider.Headers) { ["x-kept"] = "of the program" },
                    }
                );
        }
        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();

        var error = await Assert.ThrowsAsync<LlmException>(() => provider.GetRequiredService<LlmClient>().SendAsync("Hi"));

        Assert.Equal(400, error.Status);
        mock.VerifyNoOutstandingExpectation();
        Assert.False(provider.GetRequiredService<LlmClient>().Provider.Headers.ContainsKey("x-not"));
    }

    [Fact]
    public void Section_AllowKeyOverPlainHttp_Starts()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(
            Section(
                ("Provider", "openai"),
                ("Model", "m"),
                ("ApiKey", Key),
                ("BaseUrl", "http://elsewhere.example/"),
                ("Headers:x-api-key", Key),
                ("AllowKeyOverPlainHttp", "True")
            )
        );
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();

        Assert.True(provider.GetRequiredService<LlmClient>().Options.AllowKeyOverPlainHttp);
    }

    [Fact]
    public void Section_WithoutProvider_IsCompletedByConfigureCallback()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(Section(("Model", "m"), ("ApiKey", " ")), setup => setup.Provider = OpenAI);
        using var provider = services.BuildServiceProvider();

        Assert.Equal("m", provider.GetRequiredService<LlmClient>().Model);
    }

    [Theory]
    [InlineData(null, "https://api.mistral.ai/v1/chat/completions")]
    [InlineData("https://gateway.example/mistral/", "https://gateway.example/mistral/chat/completions")]
    public async Task Section_WithoutProvider_AppliesUrlAndKeyToConfiguredProvider(string? baseUrl, string expectedUrl)
    {
        using var mock = new MockHttpMessageHandler();
        mock.Expect(expectedUrl).WithHeaders("Authorization", "Bearer " + Key).Respond("application/json", Answer);
        mock.Expect(expectedUrl).WithHeaders("Authorization", "Bearer " + Key).Respond("application/json", Answer);
        var services = new ServiceCollection();
        var section = Section(("Model", "m"), ("BaseUrl", baseUrl), ("ApiKey", Key));
        services
            .AddLlmClient("by argument", section, setup => setup.Provider = Providers.Mistral)
            .ConfigurePrimaryHttpMessageHandler(() => mock);
        services.AddLlmClient("by options", section).ConfigurePrimaryHttpMessageHandler(() => mock);
        services.AddOptions<LlmClientSetup>("by options").Configure(setup => setup.Provider = Providers.Mistral);
        await using var provider = services.BuildServiceProvider();

        Assert.Equal("Yes.", (await provider.GetRequiredKeyedService<LlmClient>("by argument").SendAsync("Hi")).Text);
        Assert.Equal("Yes.", (await provider.GetRequiredKeyedService<LlmClient>("by options").SendAsync("Hi")).Text);
        mock.VerifyNoOutstandingExpectation();
    }

    [Fact]
    public void Section_WithOnlyApiKey_AppliesKeyToProviderOfModel()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(Section(("ApiKey", Key)), setup => setup.Model = "groq:llama");
        using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredService<LlmClient>();

        Assert.Equal(("groq", "llama"), (client.Provider.Name, client.Model));
    }

    [Fact]
    public void Registration_NameIsTaken_IsRejectedAndKeepsFirst()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(Section(("Provider", "openai"), ("Model", "m"), ("ApiKey", Key)));
        services.AddLlmClient("a", Section(("Provider", "openai"), ("Model", "m"), ("ApiKey", Key)));

        var unnamed = Assert.Throws<ArgumentException>(() => services.AddLlmClient(Section(("BaseUrl", "https://elsewhere.example/"))));
        var named = Assert.Throws<ArgumentException>(() => services.AddLlmClient("a", Section(("BaseUrl", "https://elsewhere.example/"))));

        Assert.Contains("already registered without a name", unnamed.Message, StringComparison.Ordinal);
        Assert.Contains(
            "already registered as 'a'. Give this one a name of its own, or change the first with AddOptions<LlmClientSetup>(\"a\")",
            named.Message,
            StringComparison.Ordinal
        );
        using var provider = services.BuildServiceProvider();
        Assert.Equal(new Uri("https://api.openai.com/v1/"), provider.GetRequiredService<LlmClient>().Provider.BaseUrl);
        Assert.Equal(new Uri("https://api.openai.com/v1/"), provider.GetRequiredKeyedService<LlmClient>("a").Provider.BaseUrl);
    }

    [Fact]
    public void Section_BaseUrlOfOtherHost_DoesNotUseEnvironmentKey()
    {
        const string Variable = "CLOUDFLARE_API_TOKEN";
        string? before = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, Key);
        try
        {
            var services = new ServiceCollection();
            services.AddLlmClient(Section(("Provider", "cloudflare"), ("Model", "m"), ("BaseUrl", "https://elsewhere.example/v1")));
            using var provider = services.BuildServiceProvider();

            var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<LlmClient>());

            Assert.Contains($"{Variable} is meant for api.cloudflare.com", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, e.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }

    [Fact]
    public void Registration_AfterClientWasRemoved_KeepsNothingOfIt()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(Section(("Model", "m"), ("ApiKey", Key)), setup => setup.Options = new() { Strict = true });
        services.RemoveAll<LlmClient>();
        services.AddLlmClient(setup =>
            (setup.Provider, setup.Model) = (Providers.OpenAICompatible("https://elsewhere.example/", "another"), "b")
        );

        using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<LlmClient>();
        Assert.Equal((new Uri("https://elsewhere.example/"), "b", false), (client.Provider.BaseUrl, client.Model, client.Options.Strict));
    }

    [Fact]
    public void Registration_AfterNamedClientWasRemoved_KeepsNothingOfItAndOthersStay()
    {
        var services = new ServiceCollection();
        services.AddLlmClient("good", Section(("Model", "m"), ("ApiKey", Key)), setup => setup.Options = new() { Strict = true });
        services.AddLlmClient("cheap", Section(("Provider", "openai"), ("Model", "c"), ("ApiKey", Key)));
        services.AddLlmClient(Section(("Provider", "openai"), ("Model", "unnamed"), ("ApiKey", Key)));
        // Keeps the keyed clients.
        services.RemoveAll<LlmClient>();
        Assert.Throws<ArgumentException>(() => services.AddLlmClient("good", setup => setup.Model = "b"));
        services.RemoveAllKeyed<LlmClient>("good");
        services.AddLlmClient(
            "good",
            setup => (setup.Provider, setup.Model) = (Providers.OpenAICompatible("https://elsewhere.example/", "another"), "b")
        );

        using var provider = services.BuildServiceProvider();
        var good = provider.GetRequiredKeyedService<LlmClient>("good");
        Assert.Equal((new Uri("https://elsewhere.example/"), "b", false), (good.Provider.BaseUrl, good.Model, good.Options.Strict));
        Assert.Equal("c", provider.GetRequiredKeyedService<LlmClient>("cheap").Model);
        Assert.Null(provider.GetService<LlmClient>());
    }

    [Fact]
    public void Section_WithOnlyBaseUrl_PassesProviderToCallback()
    {
        var services = new ServiceCollection();
        services.AddLlmClient(
            Section(("BaseUrl", "https://gateway.example/v1"), ("ApiKey", Key), ("Model", "m")),
            setup => setup.Provider = setup.Provider! with { Title = "Ours" }
        );
        using var provider = services.BuildServiceProvider();

        var service = provider.GetRequiredService<LlmClient>().Provider;
        Assert.Equal(("Ours", new Uri("https://gateway.example/v1")), (service.Title, service.BaseUrl));
    }

    [Fact]
    public void StartupValidation_InvalidSetup_ReportsFixWithoutKey()
    {
        Fails(services => services.AddLlmClient(_ => { }), "No service is named. Set Provider");
        Fails(
            services => services.AddLlmClient("fast", setup => setup.Provider = Providers.LlamaCpp with { DefaultModel = null }),
            "'fast': No model is named"
        );
        Fails(services => services.AddLlmClient(Section(("Provider", "opnai"))), "Llm: No provider is called 'opnai'");
        Fails(
            services => services.AddLlmClient(Section(("Modell", "openai:m"), ("ApiKey", Key))),
            "Llm: 'Modell' is not a known key. The keys are Provider, Model, BaseUrl, ApiKey, ApiVersion, Headers, AllowKeyOverPlainHttp, Timeouts, Retries."
        );
        Fails(services => services.AddLlmClient(Section(("Model", "openai:m"), ("Key", Key))), "'Key' is not a known key");
        Fails(services => services.AddLlmClient(Section(("Model:Name", "openai:m"))), "Model is a value, not a subsection");
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("Timeouts:Idel", "00:01:00"))),
            "'Timeouts:Idel' is not a known key. The keys are Connect, StreamHeaders, ReplyHeaders, FirstEvent, Idle, Stall, ReplyDeadline, StreamDeadline."
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("Retries:Attempts", "3"))),
            "'Retries:Attempts' is not a known key. The keys are MaxAttempts, MaxRetryAfter, BaseDelay, MaxDelay, Budget."
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("Timeouts", "00:01:00"))),
            "Timeouts is a subsection, not a value"
        );
        foreach (string time in (string[])["90", "1m", "00:90:00", "00:00:00", "-00:01:00"])
        {
            Fails(
                services => services.AddLlmClient(Section(("Model", "openai:m"), ("Timeouts:Idle", time))),
                "Timeouts:Idle is not a time above zero. Write hours, minutes and seconds, as in 00:01:30"
            );
        }

        foreach (string time in (string[])["5", "Infinite", "-00:00:01"])
        {
            Fails(
                services => services.AddLlmClient(Section(("Model", "openai:m"), ("Retries:BaseDelay", time))),
                "Retries:BaseDelay is not a time. Write"
            );
        }

        foreach (string number in (string[])["0", "-1", "x", "99999999999"])
        {
            Fails(
                services => services.AddLlmClient(Section(("Model", "openai:m"), ("Retries:MaxAttempts", number))),
                "Retries:MaxAttempts is not a whole number of at least 1"
            );
        }

        Fails(
            services =>
                services.AddLlmClient(Section(("Provider", "openai"), ("Model", "m"), ("ApiKey", Key), ("ApiVersion", "2024-10-21"))),
            "set ApiVersion only with the provider azure-deployments"
        );
        Fails(
            services =>
                services.AddLlmClient(Section(("BaseUrl", "https://gateway.example/v1"), ("Model", "m"), ("ApiVersion", "2024-10-21"))),
            "set ApiVersion only with the provider azure-deployments"
        );
        Fails(
            services =>
                services.AddLlmClient(
                    Section(
                        ("Provider", "azure-deployments"),
                        ("Model", "m"),
                        ("BaseUrl", "https://my.openai.azure.com"),
                        ("ApiKey", Key),
                        ("ApiVersion", "v?")
                    )
                ),
            "A version of the API consists of"
        );
        Fails(
            services =>
                services.AddLlmClient(
                    Section(
                        ("Provider", "azure-deployments"),
                        ("Model", "m"),
                        ("BaseUrl", $"https://my.openai.azure.com?api-version=2024-10-21&sig={Key}"),
                        ("ApiKey", Key)
                    )
                ),
            "user info, a query or a fragment"
        );
        Fails(services => services.AddLlmClient(Section(("ApiKey", Key))), "ApiKey is set, but no service is named");
        Fails(
            services => services.AddLlmClient(Section(("Provider", "openai"), ("Model", "m"), ("BaseUrl", "nowhere"))),
            "BaseUrl is not a valid URL"
        );
        Fails(
            services => services.AddLlmClient(Section(("Provider", "openai"), ("Model", "m"), ("ApiKey", Key + "\nx"))),
            "is not allowed in a header"
        );
        Fails(
            services =>
                services.AddLlmClient(
                    Section(("Provider", "openai"), ("Model", "m"), ("ApiKey", Key), ("BaseUrl", "http://elsewhere.example/"))
                ),
            "plain HTTP on another machine, so the key could be read in transit; use https, or set LlmClientOptions.AllowKeyOverPlainHttp if you trust the network. In the configuration, set Llm:AllowKeyOverPlainHttp."
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("ApiKey", Key), ("AllowKeyOverPlainHttp", "yes"))),
            "AllowKeyOverPlainHttp is neither true nor false"
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("ApiKey", Key), ("Headers", "x-team: search"))),
            "Headers is a subsection, not a value"
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("ApiKey", Key), ("Headers:x-team:a", "b"))),
            "Headers:x-team is a value, not a subsection"
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("ApiKey", Key), ("Headers:x team", "search"))),
            "A header's name must not be empty"
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("ApiKey", Key), ("Headers:x-key", Key + "\nx"))),
            "The value of the header 'x-key' contains a character that is not allowed in a header"
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "openai:m"), ("ApiKey", Key), ("Headers:authorization", "Basic " + Key))),
            "The client's credential sets 'authorization' itself"
        );
        Fails(
            services =>
                services.AddLlmClient(Section(("BaseUrl", "http://elsewhere.example/"), ("Model", "m"), ("Headers:x-api-key", Key))),
            "so the key in the headers could be read in transit; use https, or set LlmClientOptions.AllowKeyOverPlainHttp if you trust the network. In the configuration, set Llm:AllowKeyOverPlainHttp."
        );
        Fails(
            services => services.AddLlmClient(Section(("Provider", "anthropic"), ("Model", "openai:gpt-5"), ("ApiKey", Key))),
            "The model 'openai:gpt-5' names the service OpenAI, but Provider is Anthropic, which would be asked for a model of this whole name. Remove 'openai:' from Model, or leave Provider unset."
        );
        var keyless = Providers.OpenAI with { Credential = Credential.BearerFrom("RAWLLM_TESTS_NO_SUCH_KEY") };
        Fails(
            services => services.AddLlmClient(setup => (setup.Provider, setup.Model) = (keyless, "m")),
            "set the environment variable RAWLLM_TESTS_NO_SUCH_KEY, or give the key with Credential.Bearer(key)."
        );
        Fails(
            services => services.AddLlmClient(Section(("Model", "m"), ("ApiKey", "")), setup => setup.Provider = keyless),
            "or give the key with Credential.Bearer(key). In the configuration, set Llm:ApiKey."
        );
        // Other mistakes are reported without this hint.
        Fails(
            services =>
                services.AddLlmClient(
                    Section(("Model", "m"), ("ApiKey", "")),
                    setup => setup.Provider = keyless with { BaseUrl = new Uri("ftp://llm.example.org/") }
                ),
            "http",
            without: "ApiKey"
        );

        static void Fails(Action<IServiceCollection> add, string what, string? without = null)
        {
            var services = new ServiceCollection();
            add(services);
            using var provider = services.BuildServiceProvider();
            // A host calls this when it starts.
            var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
            Assert.Contains(what, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(without ?? Key, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
        }
    }

    private static IConfigurationSection Section(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(value => KeyValuePair.Create("Llm:" + value.Key, value.Value)))
            .Build()
            .GetSection("Llm");

    private sealed class AddingHandler : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("X-Added", "1");
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class KeptLog : ILoggerProvider, ILogger
    {
        private readonly System.Text.StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_text)
                    return _text.ToString();
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (_text)
                _text.AppendLine(formatter(state, exception));
        }

        public void Dispose() { }
    }
}
