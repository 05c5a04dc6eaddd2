namespace RawLlm.Telemetry;

/// <summary>The names that the conventions give to services.</summary>
internal static class ProviderNames
{
    /// <summary>Returns the well-known name if there is one; otherwise the provider's own.</summary>
    public static string Of(Provider provider) =>
        provider.Name switch
        {
            "openai-responses" => "openai",
            "azure" or "azure-deployments" => "azure.ai.openai",
            "bedrock" or "bedrock-invoke" or "bedrock-compatible" => "aws.bedrock",
            "gemini" or "gemini-compatible" => "gcp.gemini",
            // The service, whatever model it serves, as with Bedrock.
            "anthropic-vertex" => "gcp.vertex_ai",
            "mistral" => "mistral_ai",
            // Since the conventions have had their own repository (2026-05).
            "moonshot" => "moonshot_ai",
            "xai" or "xai-responses" => "x_ai",
            // The same name for openai, anthropic, groq, deepseek, perplexity and cohere, among others.
            var name => name,
        };
}
