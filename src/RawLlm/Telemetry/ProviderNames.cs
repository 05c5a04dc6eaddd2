namespace RawLlm.Telemetry;

/// <summary>The conventions' names of services.</summary>
internal static class ProviderNames
{
    /// <summary>The well-known name where there is one, else the provider's own.</summary>
    public static string Of(Provider provider) => provider.Name switch
    {
        "openai-responses" => "openai",
        "azure" or "azure-deployments" => "azure.ai.openai",
        "bedrock" or "bedrock-invoke" or "bedrock-compatible" => "aws.bedrock",
        "gemini" or "gemini-compatible" => "gcp.gemini",
        // As of any model there, Bedrock's likewise.
        "anthropic-vertex" => "gcp.vertex_ai",
        "mistral" => "mistral_ai",
        // Since the conventions have a repository of their own (2026-05).
        "moonshot" => "moonshot_ai",
        "xai" or "xai-responses" => "x_ai",
        // openai, anthropic, groq, deepseek, perplexity and cohere among them.
        var name => name,
    };
}
