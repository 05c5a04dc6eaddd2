using RawLlm.Protocols;

namespace RawLlm;

/// <summary>The services that are known by name: data only, one entry each. Anything else is <see cref="OpenAICompatible(Uri, string?)"/>.</summary>
/// <remarks>Each is made on first use, so that a trimmed application holds only what it names.</remarks>
public static class Providers
{
    /// <summary>What goes out as a key where a server wants some key but checks none.</summary>
    private const string Placeholder = "not-needed";

    private const string BedrockKey = "AWS_BEARER_TOKEN_BEDROCK";

    /// <summary>OpenAI. Source: platform.openai.com/docs/api-reference/chat.</summary>
    public static Provider OpenAI => field ??= new("openai", new("https://api.openai.com/v1/"), new ChatCompletionsProtocol { Obfuscation = false }, Credential.BearerFrom("OPENAI_API_KEY"))
    {
        Title = "OpenAI",
        DefaultModel = "gpt-4o-mini",
    };

    /// <summary>OpenAI through its Responses wire, which its newest models need for reasoning with functions. Source: platform.openai.com/docs/api-reference/responses.</summary>
    public static Provider OpenAIResponses => field ??= new("openai-responses", new("https://api.openai.com/v1/"), new ResponsesProtocol { Obfuscation = false }, Credential.BearerFrom("OPENAI_API_KEY"))
    {
        Title = "OpenAI (Responses)",
        DefaultModel = "gpt-4o-mini",
    };

    /// <summary>OpenRouter. Source: openrouter.ai/docs. Attribution: <see cref="WithAttribution"/>.</summary>
    public static Provider OpenRouter => field ??= new("openrouter", new("https://openrouter.ai/api/v1/"), new ChatCompletionsProtocol { ThinkingStyle = ThinkingStyle.ReasoningObject, MaxTokensName = "max_tokens", TakesFileUrls = true }, Credential.BearerFrom("OPENROUTER_API_KEY"))
    {
        Title = "OpenRouter",
        DefaultModel = "openrouter/auto",
    };

    /// <summary>Groq. Source: console.groq.com/docs.</summary>
    public static Provider Groq => field ??= new("groq", new("https://api.groq.com/openai/v1/"), new ChatCompletionsProtocol { IncludeReasoningName = "include_reasoning" }, Credential.BearerFrom("GROQ_API_KEY"))
    {
        Title = "Groq",
        DefaultModel = "llama-3.3-70b-versatile",
    };

    /// <summary>Mistral. Source: docs.mistral.ai/api.</summary>
    public static Provider Mistral => field ??= new("mistral", new("https://api.mistral.ai/v1/"), new ChatCompletionsProtocol
    {
        MaxTokensName = "max_tokens",
        SeedName = "random_seed",
        RequiredToolChoice = "any",
        ToolCallIdLength = 9,
        SendsToolResultName = true,
        AsksStreamUsage = false,
        ThinkingStyle = ThinkingStyle.EffortSwitch,
    }, Credential.BearerFrom("MISTRAL_API_KEY"))
    {
        Title = "Mistral",
        DefaultModel = "mistral-small-latest",
    };

    /// <summary>GLM by z.ai. Source: docs.z.ai.</summary>
    public static Provider Glm => field ??= new("glm", new("https://api.z.ai/api/paas/v4/"), new ChatCompletionsProtocol
    {
        MaxTokensName = "max_tokens",
        TakesToolChoice = false,
        TakesMessageNames = false,
        TakesPenalties = false,
        TakesStrict = false,
        TakesParallelToolCalls = false,
        TakesJsonSchema = false,
        AsksToolStream = true,
        ThinkingStyle = ThinkingStyle.ThinkingObject,
        ReasoningName = "reasoning_content",
    }, Credential.BearerFrom("ZAI_API_KEY"))
    {
        Title = "GLM (z.ai)",
        DefaultModel = "glm-4.6",
    };

    /// <summary>Gemini on its own wire. Source: ai.google.dev/api. The key goes in a header, never in the address.</summary>
    public static Provider Gemini => field ??= new("gemini", new("https://generativelanguage.googleapis.com/v1beta/"), new GeminiProtocol(), Credential.HeaderFrom("x-goog-api-key", "GEMINI_API_KEY"))
    {
        Title = "Gemini",
        DefaultModel = "gemini-2.5-flash",
    };

    /// <summary>Gemini through its endpoint for chat completions. Source: ai.google.dev/gemini-api/docs/openai.</summary>
    public static Provider GeminiCompatible => field ??= new("gemini-compatible", new("https://generativelanguage.googleapis.com/v1beta/openai/"), new ChatCompletionsProtocol
    {
        // Both are refused with status 400 as names that are not known (2025).
        SeedName = null,
        TakesPenalties = false,
        MaxTokensName = "max_tokens",
        SendsToolResultName = true,
    }, Credential.BearerFrom("GEMINI_API_KEY"))
    {
        Title = "Gemini (compatible)",
        DefaultModel = "gemini-2.5-flash",
    };

    /// <summary>DeepSeek. Source: api-docs.deepseek.com.</summary>
    public static Provider DeepSeek => field ??= new("deepseek", new("https://api.deepseek.com/v1/"), new ChatCompletionsProtocol
    {
        MaxTokensName = "max_tokens",
        ThinkingStyle = ThinkingStyle.ThinkingObjectAndEffort,
        ReasoningName = "reasoning_content",
        ReturnsReasoningInToolTurnsOnly = true,
        TakesJsonSchema = false,
    }, Credential.BearerFrom("DEEPSEEK_API_KEY"))
    {
        Title = "DeepSeek",
        DefaultModel = "deepseek-chat",
    };

    /// <summary>xAI. Source: docs.x.ai.</summary>
    public static Provider XAI => field ??= new("xai", new("https://api.x.ai/v1/"), new ChatCompletionsProtocol(), Credential.BearerFrom("XAI_API_KEY"))
    {
        Title = "xAI",
        DefaultModel = "grok-4-fast",
    };

    /// <summary>Ollama on its own wire. Source: docs.ollama.com/api.</summary>
    public static Provider Ollama => field ??= new("ollama", new("http://localhost:11434/"), new OllamaProtocol(), Credential.None)
    {
        Title = "Ollama",
        IsLocal = true,
    };

    /// <summary>Ollama through its endpoint for chat completions. Source: docs.ollama.com/openai.</summary>
    /// <remarks>It passes over every tool choice, "none" as well (0.32, 2026): to forbid functions they are left out.</remarks>
    public static Provider OllamaCompatible => field ??= Local("ollama-compatible", "Ollama (compatible)", "http://localhost:11434/v1/", new() { MaxTokensName = "max_tokens", TakesToolChoice = false });

    /// <summary>llama.cpp's server. Source: github.com/ggml-org/llama.cpp, tools/server.</summary>
    /// <remarks>It takes a named tool choice for "auto" without a word (2026).</remarks>
    public static Provider LlamaCpp => field ??= Local("llama.cpp", "llama.cpp", "http://localhost:8080/v1/", new() { MaxTokensName = "max_tokens", TakesNamedToolChoice = false, ThinkingStyle = ThinkingStyle.TemplateArguments });

    /// <summary>LM Studio. Source: lmstudio.ai/docs.</summary>
    /// <remarks>It refuses a named tool choice (2025, 2026).</remarks>
    public static Provider LMStudio => field ??= Local("lmstudio", "LM Studio", "http://localhost:1234/v1/", new() { MaxTokensName = "max_tokens", TakesNamedToolChoice = false });

    /// <summary>vLLM. Source: docs.vllm.ai.</summary>
    public static Provider Vllm => field ??= Local("vllm", "vLLM", "http://localhost:8000/v1/", new() { MaxTokensName = "max_tokens", ThinkingStyle = ThinkingStyle.TemplateArguments, IncludeReasoningName = "include_reasoning" }, "VLLM_API_KEY");

    /// <summary>LiteLLM's proxy. Source: docs.litellm.ai.</summary>
    public static Provider LiteLLM => field ??= Local("litellm", "LiteLLM proxy", "http://localhost:4000/v1/", new() { MaxTokensName = "max_tokens" }, "LITELLM_API_KEY");

    /// <summary>Anthropic. Source: platform.claude.com/docs/en/api/messages. A Bearer token goes with <c>with { Credential = Credential.Bearer(token) }</c>.</summary>
    public static Provider Anthropic => field ??= new("anthropic", new("https://api.anthropic.com/v1/"), new AnthropicProtocol(), Credential.HeaderFrom("x-api-key", "ANTHROPIC_API_KEY"))
    {
        Title = "Anthropic",
        DefaultModel = "claude-sonnet-4-6",
    };

    /// <summary>Any server that speaks Anthropic's Messages.</summary>
    /// <param name="baseUrl">With or without a slash at the end; without any path <c>/v1</c> is added, after a path of its own the server's version is part of it.</param>
    /// <param name="apiKey">The key, sent as <c>x-api-key</c>; null sends the placeholder <c>not-needed</c>, which servers without keys ignore.</param>
    /// <exception cref="ArgumentException">The key is empty or holds a character that may not stand in a header.</exception>
    public static Provider AnthropicCompatible(Uri baseUrl, string? apiKey = null)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        return new("anthropic-compatible", baseUrl, new AnthropicProtocol(), new HeaderCredential("x-api-key", "", apiKey, Placeholder, variable: null)) { Title = "Anthropic-compatible server" };
    }

    /// <inheritdoc cref="AnthropicCompatible(Uri, string?)"/>
    public static Provider AnthropicCompatible(string baseUrl, string? apiKey = null) => AnthropicCompatible(new Uri(baseUrl), apiKey);

    /// <summary>AWS Bedrock: models of many makers through one wire. Source: docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html.</summary>
    /// <remarks>
    /// The key is <c>AWS_BEARER_TOKEN_BEDROCK</c>. The region is the key's own where it names one, else that of <c>AWS_REGION</c> or
    /// <c>AWS_DEFAULT_REGION</c>, else us-east-1, and is settled on first use; <see cref="BedrockIn"/> settles it in the program.
    /// </remarks>
    public static Provider Bedrock => field ??= AnywhereInBedrock(BedrockIn, Environment.GetEnvironmentVariable);

    /// <summary>Anthropic's models on AWS Bedrock in their own format. Region and key as for <see cref="Bedrock"/>.</summary>
    public static Provider BedrockInvoke => field ??= AnywhereInBedrock(BedrockInvokeIn, Environment.GetEnvironmentVariable);

    /// <summary>AWS Bedrock through its endpoint for chat completions, which serves some models only. Region and key as for <see cref="Bedrock"/>.</summary>
    public static Provider BedrockCompatible => field ??= AnywhereInBedrock(BedrockCompatibleIn, Environment.GetEnvironmentVariable);

    /// <summary><see cref="Bedrock"/> in one region.</summary>
    /// <param name="region">The region, such as <c>eu-central-1</c>; when null, that of the credential or of the environment.</param>
    /// <param name="credential">A key as <see cref="Credential.Bearer"/>, or an <see cref="AwsSignature"/>; when null, the key from <c>AWS_BEARER_TOKEN_BEDROCK</c>.</param>
    /// <exception cref="ArgumentException">The region holds what no region has, or the signature is made for another one.</exception>
    /// <exception cref="InvalidOperationException">No region is named, and none is known.</exception>
    public static Provider BedrockIn(string? region = null, Credential? credential = null) =>
        InBedrock("bedrock", "AWS Bedrock", "", new ConverseProtocol(), region, credential);

    /// <summary><see cref="BedrockInvoke"/> in one region.</summary>
    /// <inheritdoc cref="BedrockIn"/>
    public static Provider BedrockInvokeIn(string? region = null, Credential? credential = null) =>
        InBedrock("bedrock-invoke", "AWS Bedrock (Anthropic's format)", "", new BedrockInvokeProtocol(), region, credential);

    /// <summary><see cref="BedrockCompatible"/> in one region.</summary>
    /// <inheritdoc cref="BedrockIn"/>
    public static Provider BedrockCompatibleIn(string? region = null, Credential? credential = null) =>
        InBedrock("bedrock-compatible", "AWS Bedrock (compatible)", "openai/v1/", new ChatCompletionsProtocol(), region, credential);

    /// <summary>Any server that speaks chat completions.</summary>
    /// <param name="baseUrl">With or without a slash at the end, with or without <c>/v1</c>.</param>
    /// <param name="apiKey">The key; null sends the placeholder <c>not-needed</c>, which servers without keys ignore.</param>
    /// <exception cref="ArgumentException">The key is empty or holds a character that may not stand in a header.</exception>
    public static Provider OpenAICompatible(Uri baseUrl, string? apiKey = null)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        return new("openai-compatible", baseUrl, new ChatCompletionsProtocol { MaxTokensName = "max_tokens" }, Credential.Bearer(apiKey, Placeholder)) { Title = "OpenAI-compatible server" };
    }

    /// <inheritdoc cref="OpenAICompatible(Uri, string?)"/>
    public static Provider OpenAICompatible(string baseUrl, string? apiKey = null) => OpenAICompatible(new Uri(baseUrl), apiKey);

    /// <summary>All services that are known by name.</summary>
    public static IReadOnlyList<Provider> All() =>
        [OpenAI, OpenAIResponses, Anthropic, OpenRouter, Groq, Gemini, GeminiCompatible, Mistral, DeepSeek, XAI, Glm, Bedrock, BedrockInvoke, BedrockCompatible, Ollama, OllamaCompatible, LlamaCpp, LMStudio, Vllm, LiteLLM];

    /// <summary>The service of a name, as in <c>openrouter</c>; letters' case does not matter.</summary>
    /// <exception cref="ArgumentException">No service has the name; the message lists those there are.</exception>
    public static Provider Get(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        foreach (var provider in All())
        {
            if (string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase))
                return provider;
        }
        throw new ArgumentException($"No provider is called '{name}'. There are: {string.Join(", ", All().Select(provider => provider.Name))}. For any other server use Providers.OpenAICompatible(baseUrl, apiKey).", nameof(name));
    }

    /// <summary>Tells OpenRouter which application asks, for its rankings.</summary>
    /// <param name="provider">The provider, usually <see cref="OpenRouter"/>.</param>
    /// <param name="url">The application's address; without it nothing is attributed.</param>
    /// <param name="title">The application's name.</param>
    public static Provider WithAttribution(this Provider provider, Uri url, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(url);
        var headers = new Dictionary<string, string>(provider.Headers) { ["HTTP-Referer"] = url.AbsoluteUri };
        if (title is not null)
            headers["X-OpenRouter-Title"] = title;
        return provider with { Headers = headers };
    }

    private static Provider InBedrock(string name, string title, string path, WireProtocol protocol, string? region, Credential? credential)
    {
        credential ??= Credential.BearerFrom(BedrockKey);
        string where = region is null ? credential.Region ?? AwsRegion.Required(Environment.GetEnvironmentVariable) : AwsRegion.Check(region, nameof(region));
        if (credential is AwsSignature && credential.Region != where)
            throw new ArgumentException($"The signature is made for the region {credential.Region}, not for {where}: the service would refuse it.", nameof(credential));
        return new(name, new($"https://bedrock-runtime.{where}.amazonaws.com/{path}"), protocol, credential) { Title = title };
    }

    // Must not fail for a machine on which nothing, or nonsense, is set: all providers are listed together. Nonsense is told when a client is made.
    internal static Provider AnywhereInBedrock(Func<string?, Credential?, Provider> make, Func<string, string?> read)
    {
        string? problem = null;
        string? region = AwsRegion.OfKey(read(BedrockKey)?.Trim() ?? "") ?? AwsRegion.OfEnvironment(read, out problem);
        return problem is null ? make(region ?? "us-east-1", null) : make("us-east-1", new UnusableCredential(problem));
    }

    private static Provider Local(string name, string title, string url, ChatCompletionsProtocol protocol, string? variable = null) =>
        new(name, new(url), protocol, variable is null ? Credential.Bearer(null, Placeholder) : Credential.BearerFrom(variable, Placeholder))
        {
            Title = title,
            IsLocal = true,
        };
}
