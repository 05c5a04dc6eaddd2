using RawLlm.Protocols;

namespace RawLlm;

/// <summary>What can be known to be wrong about a set-up before anything is sent.</summary>
internal static class ProviderCheck
{
    public static void Check(Provider provider, LlmClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(provider.BaseUrl);
        ArgumentNullException.ThrowIfNull(provider.Protocol);
        ArgumentNullException.ThrowIfNull(provider.Credential);
        var url = provider.BaseUrl;
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            Throw(provider, "its base URL must begin with https:// or http://");
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            Throw(provider, $"its base URL may hold neither user, query nor fragment; keys belong into the credential{(url.Query.Length > 0 ? $"; what every address needs, such as api-version, is {nameof(ChatCompletionsProtocol)}.{nameof(ChatCompletionsProtocol.Query)}" : "")}");
        if (CloudPlaces.MissingName(url) is { } missing)
            Throw(provider, $"{missing}, or name it in the program with Providers.{provider.Name switch { "cloudflare" => nameof(Providers.CloudflareIn), "anthropic-vertex" => nameof(Providers.AnthropicVertexIn), "azure-deployments" => nameof(Providers.AzureOpenAIDeploymentsAt), _ => nameof(Providers.AzureOpenAIAt) }}");
        if (provider.Credential.Problem is { } problem)
            Throw(provider, problem);
        if (provider.KeyIsMeantFor is { } host)
            Throw(provider, $"its base URL was changed, and the key of the environment variable {provider.Credential.Variable} is meant for {host}; to use that key here, set Credential as well, as in Credential.BearerFrom(\"{provider.Credential.Variable}\")");
        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && provider.Credential.IsSecret && !options.AllowKeyOverPlainHttp)
            Throw(provider, "its base URL is plain HTTP on another machine, and the key would be readable on the way; use https, or LlmClientOptions.AllowKeyOverPlainHttp where the network is trusted");
    }

    /// <summary>A key among the headers that were set by hand may go over plain HTTP no more than one of a credential.</summary>
    public static void CheckHeaders(Provider provider, WireRequest wire, LlmClientOptions options)
    {
        if (wire.BaseUrl.Scheme == Uri.UriSchemeHttp && !wire.BaseUrl.IsLoopback && !options.AllowKeyOverPlainHttp && KeyHeaders.Any(wire.Headers))
            Throw(provider, "its base URL is plain HTTP on another machine, and the key among the headers would be readable on the way; use https, or LlmClientOptions.AllowKeyOverPlainHttp where the network is trusted");
    }

    /// <summary>A request's own credential must be one that can be used, and goes over plain HTTP no more than the provider's.</summary>
    public static void CheckCredential(Provider provider, Credential credential, LlmClientOptions options)
    {
        if (credential.Problem is { } problem)
            Throw(provider, $"for the request's own credential, {problem}");
        if (provider.BaseUrl.Scheme == Uri.UriSchemeHttp && !provider.BaseUrl.IsLoopback && credential.IsSecret && !options.AllowKeyOverPlainHttp)
            Throw(provider, "its base URL is plain HTTP on another machine, and the request's own key would be readable on the way; use https, or LlmClientOptions.AllowKeyOverPlainHttp where the network is trusted");
    }

    /// <summary>A model's name or a wire's path must not lead away from the configured address.</summary>
    public static void CheckUrl(Provider provider, WireRequest wire)
    {
        var known = wire.BaseUrl;
        if (wire.Url is not { } url || url.Scheme != known.Scheme || url.Host != known.Host || url.Port != known.Port
            || (!wire.LeavesBasePath && !IsBelow(url.AbsolutePath, Root(known.AbsolutePath.TrimEnd('/'), provider.Protocol.MainPath))))
        {
            Throw(provider, "the request's address leads away from the base URL; check the model's name");
        }
    }

    // Whole segments count: /v10 does not lie below /v1.
    private static bool IsBelow(string path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');

    // A pasted address may end in the path of the wire's main operation; others lie beside it.
    private static string Root(string path, string main) =>
        main.Length > 0 && path.EndsWith("/" + main, StringComparison.Ordinal) ? path[..^(main.Length + 1)] : path;

    private static void Throw(Provider provider, string problem) =>
        throw new LlmException(LlmErrorKind.InvalidConfiguration, $"{provider.Title} cannot be used: {problem}.") { Provider = provider.Name, Phase = LlmPhase.Configure };
}
