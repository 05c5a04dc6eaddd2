using RawLlm.Protocols;

namespace RawLlm;

// The clouds, whose URLs contain the user's own resource, account, project or region.
public static partial class Providers
{
    /// <summary>Azure OpenAI through its version 1 URL, which needs no <c>api-version</c>. A model is the name of a deployment.</summary>
    /// <remarks>
    /// The resource comes from <c>AZURE_OPENAI_ENDPOINT</c>, read on first use; <see cref="AzureOpenAIAt"/> specifies it in code. To use a
    /// Microsoft Entra token, write <c>with { Credential = Credential.Bearer(token) }</c>. Source:
    /// learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle.
    /// </remarks>
    public static Provider AzureOpenAI => field ??= AzureOpenAIAt(CloudEnvironment.AzureEndpoint(Environment.GetEnvironmentVariable));

    /// <summary>
    /// Azure OpenAI through URLs that name the deployment and an <c>api-version</c>. Resource and key are those of
    /// <see cref="AzureOpenAI"/>.
    /// </summary>
    public static Provider AzureOpenAIDeployments =>
        field ??= AzureOpenAIDeploymentsAt(CloudEnvironment.AzureEndpoint(Environment.GetEnvironmentVariable));

    /// <summary><see cref="AzureOpenAI"/> for one resource.</summary>
    /// <param name="resource">The URL of the resource, such as <c>https://my-resource.openai.azure.com</c>.</param>
    /// <exception cref="ArgumentException">The URL is not absolute.</exception>
    public static Provider AzureOpenAIAt(Uri resource) =>
        InAzure(
            "azure",
            "Azure OpenAI",
            resource,
            "openai/v1/",
            new ChatCompletionsProtocol
            {
                MaxTokensNameByModel = ModelRules.AzureMaxTokens,
                EffortsByModel = ModelRules.OpenAIEfforts,
                EffortsBesideTools = ModelRules.AzureEffortsBesideTools,
                RefusedByModel = ModelRules.OpenAIRefusals,
                MaxToolCallIdLength = 40,
                RequestsBase64Embeddings = true,
                EmbeddingBatchSize = 2048,
            }
        );

    /// <summary><see cref="AzureOpenAIDeployments"/> for one resource.</summary>
    /// <param name="resource">The URL of the resource, such as <c>https://my-resource.openai.azure.com</c>.</param>
    /// <param name="apiVersion">The API version. Versions before 2024-09 refuse <c>stream_options</c>; those before 2024-12-01-preview
    /// refuse o1 and later reasoning models.</param>
    /// <exception cref="ArgumentException">The version contains an invalid character, or the URL is not absolute.</exception>
    public static Provider AzureOpenAIDeploymentsAt(Uri resource, string apiVersion = "2025-04-01-preview")
    {
        ArgumentException.ThrowIfNullOrEmpty(apiVersion);
        if (apiVersion.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-."))
        {
            throw new ArgumentException(
                "A version of the API consists of lowercase letters, digits and dashes, such as 2025-04-01-preview.",
                nameof(apiVersion)
            );
        }

        return InAzure(
            "azure-deployments",
            "Azure OpenAI (deployment URLs)",
            resource,
            "openai/",
            new ChatCompletionsProtocol
            {
                ChatPath = "deployments/{model}/chat/completions",
                Query = "api-version=" + apiVersion,
                MaxTokensNameByModel = ModelRules.AzureMaxTokens,
                EffortsByModel = ModelRules.OpenAIEfforts,
                EffortsBesideTools = ModelRules.AzureEffortsBesideTools,
                RefusedByModel = ModelRules.OpenAIRefusals,
                MaxToolCallIdLength = 40,
                RequestsBase64Embeddings = true,
                EmbeddingBatchSize = 2048,
            }
        );
    }

    /// <summary>Cloudflare Workers AI. Source: developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility.</summary>
    /// <remarks>The account comes from <c>CLOUDFLARE_ACCOUNT_ID</c>, read on first use; <see cref="CloudflareIn"/> specifies it in
    /// code.</remarks>
    public static Provider Cloudflare => field ??= CloudflareIn(CloudEnvironment.Account(Environment.GetEnvironmentVariable));

    /// <summary><see cref="Cloudflare"/> for one account.</summary>
    /// <param name="account">The account's ID: letters, digits and dashes.</param>
    /// <exception cref="ArgumentException">The ID is empty or contains an invalid character.</exception>
    public static Provider CloudflareIn(string account)
    {
        ArgumentException.ThrowIfNullOrEmpty(account);
        if (!CloudEnvironment.IsAccount(account))
            throw new ArgumentException("An account ID consists of letters, digits and dashes.", nameof(account));
        return new(
            "cloudflare",
            new($"https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1/"),
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                AcceptsNullContent = false,
                AcceptsTextParts = false,
                ReadsNumbersAsText = true,
            },
            Credential.BearerFrom("CLOUDFLARE_API_TOKEN")
        )
        {
            Title = "Cloudflare Workers AI",
            Capabilities = new() { Streaming = true },
            ModelsUrl = new("../models/search?per_page=100", UriKind.Relative),
            DefaultModel = "@cf/openai/gpt-oss-20b",
        };
    }

    /// <summary>
    /// Anthropic's models on Google's Vertex AI. A model is its name there, such as <c>claude-sonnet-4-5@20250929</c>. Source:
    /// platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai.
    /// </summary>
    /// <remarks>
    /// The project comes from <c>ANTHROPIC_VERTEX_PROJECT_ID</c>, otherwise from <c>GOOGLE_CLOUD_PROJECT</c>. The region comes from
    /// <c>CLOUD_ML_REGION</c>, otherwise from <c>GOOGLE_CLOUD_LOCATION</c>, otherwise it is <c>global</c>. Both are read on first use;
    /// <see cref="AnthropicVertexIn"/> specifies them in code. The key is an access token, as <c>gcloud auth print-access-token</c> prints
    /// it, and is valid for an hour.
    /// </remarks>
    public static Provider AnthropicVertex => field ??= CloudEnvironment.AnywhereInVertex(Environment.GetEnvironmentVariable);

    /// <summary><see cref="AnthropicVertex"/> for one project.</summary>
    /// <param name="project">The project's ID.</param>
    /// <param name="region">A region such as <c>europe-west1</c>; <c>us</c> or <c>eu</c> for any region there; or <c>global</c>.</param>
    /// <param name="credential">An access token as <see cref="Credential.Bearer"/>; null for the one in
    /// <c>GOOGLE_OAUTH_ACCESS_TOKEN</c>.</param>
    /// <exception cref="ArgumentException">The project or the region is empty or contains an invalid character.</exception>
    public static Provider AnthropicVertexIn(string project, string region = "global", Credential? credential = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(project);
        ArgumentException.ThrowIfNullOrEmpty(region);
        if (!CloudEnvironment.IsProject(project))
        {
            throw new ArgumentException(
                "A project ID consists of lowercase letters, digits and dashes, optionally after a domain.",
                nameof(project)
            );
        }

        if (!CloudEnvironment.IsRegion(region))
            throw new ArgumentException("A region consists of lowercase letters, digits and dashes, such as europe-west1.", nameof(region));
        return new(
            "anthropic-vertex",
            new($"https://{CloudEnvironment.VertexHost(region)}/v1/projects/{project}/locations/{region}/"),
            new AnthropicProtocol
            {
                MessagesPath = "publishers/anthropic/models/{model}:rawPredict",
                StreamPath = "publishers/anthropic/models/{model}:streamRawPredict",
                CountPath = "publishers/anthropic/models/count-tokens:rawPredict",
                BodyVersion = "vertex-2023-10-16",
            },
            credential ?? Credential.BearerFrom("GOOGLE_OAUTH_ACCESS_TOKEN")
        )
        {
            Title = "Anthropic on Vertex AI",
            CatalogName = "anthropic",
            TokenShape = TokenShape.Anthropic,
            MadeOrigin = AnthropicOrigin,
            Capabilities = new() { Streaming = true, Audio = false },
            DefaultModel = "claude-sonnet-4-6",
        };
    }

    /// <summary>
    /// AWS Bedrock: models of many makers over one wire. Source: docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html.
    /// </summary>
    /// <remarks>
    /// The key is <c>AWS_BEARER_TOKEN_BEDROCK</c>. The region is the key's own if it names one, otherwise that of <c>AWS_REGION</c> or
    /// <c>AWS_DEFAULT_REGION</c>, otherwise us-east-1. It is determined on first use; <see cref="BedrockIn"/> specifies it in code.
    /// </remarks>
    public static Provider Bedrock => field ??= CloudEnvironment.AnywhereInBedrock(BedrockIn, Environment.GetEnvironmentVariable);

    /// <summary>Anthropic's models on AWS Bedrock in their own format. Region and key are those of <see cref="Bedrock"/>.</summary>
    public static Provider BedrockInvoke =>
        field ??= CloudEnvironment.AnywhereInBedrock(BedrockInvokeIn, Environment.GetEnvironmentVariable);

    /// <summary>
    /// AWS Bedrock through its chat completions endpoint, which serves only some models. Region and key are those of <see cref="Bedrock"/>.
    /// </summary>
    public static Provider BedrockCompatible =>
        field ??= CloudEnvironment.AnywhereInBedrock(BedrockCompatibleIn, Environment.GetEnvironmentVariable);

    /// <summary><see cref="Bedrock"/> in one region.</summary>
    /// <param name="region">The region, such as <c>eu-central-1</c>; null for that of the credential or of the environment.</param>
    /// <param name="credential">A key as <see cref="Credential.Bearer"/>, or an <see cref="AwsSignature"/>; null for the key in
    /// <c>AWS_BEARER_TOKEN_BEDROCK</c>.</param>
    /// <exception cref="ArgumentException">The region contains an invalid character, or the signature is for another region.</exception>
    /// <exception cref="InvalidOperationException">No region is specified, and none is known.</exception>
    public static Provider BedrockIn(string? region = null, Credential? credential = null) =>
        InBedrock("bedrock", "AWS Bedrock", "", new ConverseProtocol(), region, credential);

    /// <summary><see cref="BedrockInvoke"/> in one region.</summary>
    /// <inheritdoc cref="BedrockIn"/>
    public static Provider BedrockInvokeIn(string? region = null, Credential? credential = null) =>
        InBedrock("bedrock-invoke", "AWS Bedrock (Anthropic's format)", "", new BedrockInvokeProtocol(), region, credential);

    /// <summary><see cref="BedrockCompatible"/> in one region.</summary>
    /// <inheritdoc cref="BedrockIn"/>
    public static Provider BedrockCompatibleIn(string? region = null, Credential? credential = null) =>
        InBedrock(
            "bedrock-compatible",
            "AWS Bedrock (compatible)",
            "openai/v1/",
            new ChatCompletionsProtocol { ReasoningTag = "reasoning" },
            region,
            credential
        );

    private static Provider InBedrock(string name, string title, string path, WireProtocol protocol, string? region, Credential? credential)
    {
        credential ??= Credential.BearerFrom(CloudEnvironment.BedrockKey);
        string where = region is null
            ? credential.Region ?? AwsRegion.Required(Environment.GetEnvironmentVariable)
            : AwsRegion.Check(region, nameof(region));
        if (credential is AwsSignature && credential.Region != where)
        {
            throw new ArgumentException(
                $"The signature is for the region {credential.Region}, not for {where}: the service would refuse it.",
                nameof(credential)
            );
        }

        return new(name, new($"https://bedrock-runtime.{where}.amazonaws.com/{path}"), protocol, credential)
        {
            Title = title,
            Capabilities = new() { Streaming = true },
            CatalogName = "bedrock",
            TokenShape = TokenShape.Anthropic,
            // All regions accept each other's signatures. In Claude's own format, too, its signatures are Anthropic's own.
            MadeOrigin = protocol is BedrockInvokeProtocol ? AnthropicOrigin : "bedrock",
            // The chat completions endpoint lists its own models.
            ModelsUrl = path.Length == 0 ? new($"https://bedrock.{where}.amazonaws.com/foundation-models") : null,
        };
    }

    private static Provider InAzure(string name, string title, Uri resource, string path, ChatCompletionsProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (!resource.IsAbsoluteUri)
        {
            throw new ArgumentException(
                "The resource must be an absolute URL, such as https://my-resource.openai.azure.com.",
                nameof(resource)
            );
        }
        // "Additional properties are not allowed ('…' was unexpected) - 'messages.1'" (2025)
        return new(
            name,
            new(resource, "/" + path),
            protocol with
            {
                ReasoningMembers = "",
            },
            Credential.HeaderFrom("api-key", "AZURE_OPENAI_API_KEY")
        )
        {
            Title = title,
            Capabilities = new() { Streaming = true },
            // A Microsoft Entra token.
            AcceptsBearerToo = true,
            // A deployment can have any name. If it has its model's name, what is known about the model applies, and so does the list price
            // of a global deployment.
            CatalogName = "openai",
        };
    }
}
