using System.Diagnostics.CodeAnalysis;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// The services known by name: data only, one entry each. For any other server, use <see cref="OpenAICompatible(Uri, string?)"/>.
/// </summary>
/// <remarks>Each provider is created on first use, so that a trimmed application contains only those that it names.</remarks>
public static partial class Providers
{
    // Sent as the key to servers that require a key but do not check it.
    private const string Placeholder = "not-needed";

    private const string AnthropicOrigin = "anthropic";

    /// <summary>Any server that speaks Anthropic's Messages API.</summary>
    /// <param name="baseUrl">The base URL, with or without a trailing slash. If it has no path, <c>/v1</c> is added; if it has one, include
    /// the server's version in it.</param>
    /// <param name="apiKey">The key, sent as <c>x-api-key</c>; null sends the placeholder <c>not-needed</c>, which servers without keys
    /// ignore.</param>
    /// <exception cref="ArgumentException">The key is empty or contains a character that is not allowed in a header.</exception>
    public static Provider AnthropicCompatible(Uri baseUrl, string? apiKey = null)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        return new(
            "anthropic-compatible",
            baseUrl,
            new AnthropicProtocol { SupportsLaterSystemMessages = false },
            new HeaderCredential("x-api-key", "", apiKey, Placeholder, variable: null),
            known: null
        )
        {
            Title = "Anthropic-compatible server",
        };
    }

    /// <inheritdoc cref="AnthropicCompatible(Uri, string?)"/>
    /// <exception cref="ArgumentException">The URL does not begin with https:// or http://, or the key is empty or contains a character
    /// that is not allowed in a header.</exception>
    public static Provider AnthropicCompatible(string baseUrl, string? apiKey = null) => AnthropicCompatible(Address(baseUrl), apiKey);

    /// <summary>Any server that speaks chat completions.</summary>
    /// <param name="baseUrl">The base URL, with or without a trailing slash, with or without <c>/v1</c>.</param>
    /// <param name="apiKey">The key; null sends the placeholder <c>not-needed</c>, which servers without keys ignore.</param>
    /// <exception cref="ArgumentException">The key is empty or contains a character that is not allowed in a header.</exception>
    public static Provider OpenAICompatible(Uri baseUrl, string? apiKey = null)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        return new(
            "openai-compatible",
            baseUrl,
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                MaxTokensNameByModel = ModelRules.CompletionTokens,
                SupportsLaterSystemMessages = false,
                ReasoningByModel = ModelRules.ReasoningOfCalls,
            },
            Credential.Bearer(apiKey, Placeholder),
            known: null
        )
        {
            Title = "OpenAI-compatible server",
        };
    }

    /// <inheritdoc cref="OpenAICompatible(Uri, string?)"/>
    /// <exception cref="ArgumentException">The URL does not begin with https:// or http://, or the key is empty or contains a character
    /// that is not allowed in a header.</exception>
    public static Provider OpenAICompatible(string baseUrl, string? apiKey = null) => OpenAICompatible(Address(baseUrl), apiKey);

    /// <summary>Returns all services known by name.</summary>
    public static IReadOnlyList<Provider> All() =>
        [
            OpenAI,
            OpenAIResponses,
            Anthropic,
            AnthropicVertex,
            OpenRouter,
            Groq,
            Gemini,
            GeminiCompatible,
            Mistral,
            DeepSeek,
            Moonshot,
            XAI,
            XAIResponses,
            Glm,
            GlmCoding,
            GlmMainland,
            AzureOpenAI,
            AzureOpenAIDeployments,
            Bedrock,
            BedrockInvoke,
            BedrockCompatible,
            Together,
            Fireworks,
            Cerebras,
            Perplexity,
            Requesty,
            HuggingFace,
            Cloudflare,
            Volcengine,
            Vercel,
            DashScope,
            DashScopeInternational,
            Cohere,
            SiliconFlow,
            SambaNova,
            Nebius,
            DeepInfra,
            Novita,
            Baseten,
            Upstage,
            Scaleway,
            OvhCloud,
            Ionos,
            DockerModelRunner,
            Ollama,
            OllamaCompatible,
            LlamaCpp,
            LMStudio,
            Vllm,
            SGLang,
            LocalAI,
            Tgi,
            LiteLLM,
            ClaudeProxy,
        ];

    /// <summary>Returns the service with a name such as <c>openrouter</c>, ignoring case.</summary>
    /// <exception cref="ArgumentException">No service has this name; the message lists the known names.</exception>
    public static Provider Get(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Find(name)
            ?? throw new ArgumentException(
                $"No provider is called '{name}'. Known providers: {string.Join(", ", All().Select(provider => provider.Name))}. For any other server, use Providers.OpenAICompatible(baseUrl, apiKey).",
                nameof(name)
            );
    }

    /// <summary>Splits a name such as <c>openrouter:openai/gpt-5</c> into the service and its model.</summary>
    /// <param name="name">
    /// A service's name, a colon, and the model by the service's own name. The text before the first colon counts as a service only if a
    /// service has that name: <c>llama3:8b</c> and <c>anthropic.claude-sonnet-4-20250514-v1:0</c> are models only.
    /// </param>
    /// <param name="provider">The service; null if the name contains none.</param>
    /// <param name="model">The model.</param>
    /// <returns>True if the name contains both.</returns>
    public static bool TryResolve(string name, [NotNullWhen(true)] out Provider? provider, out string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        provider = colon > 0 && colon < name.Length - 1 ? Find(name[..colon]) : null;
        model = provider is null ? name : name[(colon + 1)..];
        return provider is not null;
    }

    /// <summary>Returns the provider with headers that tell OpenRouter which application sends the requests, for its rankings.</summary>
    /// <param name="provider">The provider, usually <see cref="OpenRouter"/>.</param>
    /// <param name="url">The application's URL, which attribution requires.</param>
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

    // The URL is not repeated, because it could contain a password.
    private static Uri Address(string baseUrl)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(baseUrl);
        return
            Uri.TryCreate(baseUrl, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? url
            : throw new ArgumentException(
                "The base URL must be an absolute URL that begins with https:// or http://, such as http://127.0.0.1:8000.",
                nameof(baseUrl)
            );
    }

    private static Provider? Find(string name)
    {
        foreach (var provider in All())
        {
            if (string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase))
                return provider;
        }
        return null;
    }
}
