using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Finds configuration errors before anything is sent.</summary>
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
        {
            Throw(
                provider,
                $"its base URL must not contain user info, a query or a fragment; put keys into the credential{(url.Query.Length > 0 ? $"; put what every URL needs, such as api-version, into {nameof(ChatCompletionsProtocol)}.{nameof(ChatCompletionsProtocol.Query)}" : "")}"
            );
        }

        if (CloudEnvironment.MissingName(url) is { } missing)
        {
            Throw(
                provider,
                $"{missing}, or specify it in code with Providers.{provider.Name switch { "cloudflare" => nameof(Providers.CloudflareIn), "anthropic-vertex" => nameof(Providers.AnthropicVertexIn), "azure-deployments" => nameof(Providers.AzureOpenAIDeploymentsAt), _ => nameof(Providers.AzureOpenAIAt) }}"
            );
        }

        if (provider.Credential.Problem is { } problem)
            Throw(provider, problem);
        if (provider.KeyIsMeantFor is { } host)
        {
            Throw(
                provider,
                $"its base URL was changed, and the key of the environment variable {provider.Credential.Variable} is meant for {host}; to use that key here, also set Credential, for example to Credential.BearerFrom(\"{provider.Credential.Variable}\")"
            );
        }

        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && provider.Credential.IsSecret && !options.AllowKeyOverPlainHttp)
        {
            Throw(
                provider,
                "its base URL is plain HTTP on another machine, so the key could be read in transit; use https, or set LlmClientOptions.AllowKeyOverPlainHttp if you trust the network"
            );
        }
    }

    /// <summary>Checks that no key in the caller's own headers goes over plain HTTP, just like the key of a credential.</summary>
    public static void CheckHeaders(Provider provider, WireRequest wire, LlmClientOptions options)
    {
        if (
            wire.BaseUrl.Scheme == Uri.UriSchemeHttp
            && !wire.BaseUrl.IsLoopback
            && !options.AllowKeyOverPlainHttp
            && KeyHeaders.Any(wire.Headers)
        )
        {
            Throw(
                provider,
                "its base URL is plain HTTP on another machine, so the key in the headers could be read in transit; use https, or set LlmClientOptions.AllowKeyOverPlainHttp if you trust the network"
            );
        }
    }

    /// <summary>Checks that a request's own credential can be used, and does not go over plain HTTP, just like the provider's.</summary>
    public static void CheckCredential(Provider provider, Credential credential, LlmClientOptions options)
    {
        if (credential.Problem is { } problem)
            Throw(provider, $"for the request's own credential, {problem}");
        if (
            provider.BaseUrl.Scheme == Uri.UriSchemeHttp
            && !provider.BaseUrl.IsLoopback
            && credential.IsSecret
            && !options.AllowKeyOverPlainHttp
        )
        {
            Throw(
                provider,
                "its base URL is plain HTTP on another machine, so the request's own key could be read in transit; use https, or set LlmClientOptions.AllowKeyOverPlainHttp if you trust the network"
            );
        }
    }

    /// <summary>Checks that neither the model's name nor the wire's path leads away from the base URL.</summary>
    public static void CheckUrl(Provider provider, WireRequest wire)
    {
        var known = wire.BaseUrl;
        if (
            wire.Url is not { } url
            || url.Scheme != known.Scheme
            || url.Host != known.Host
            || url.Port != known.Port
            || (!wire.LeavesBasePath && !IsBelow(url.AbsolutePath, Root(known.AbsolutePath.TrimEnd('/'), provider.Protocol.MainPath)))
        )
        {
            Throw(provider, "the request's URL leads away from the base URL; check the model's name");
        }
    }

    // Compares whole segments: /v10 is not below /v1.
    private static bool IsBelow(string path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');

    // A pasted URL may end in the path of the wire's main operation; the other operations are next to that path.
    private static string Root(string path, string main) =>
        main.Length > 0 && path.EndsWith("/" + main, StringComparison.Ordinal) ? path[..^(main.Length + 1)] : path;

    private static void Throw(Provider provider, string problem) =>
        throw new LlmException(LlmErrorKind.InvalidConfiguration, $"{provider.Title} cannot be used: {problem}.")
        {
            Provider = provider.Name,
            Phase = LlmPhase.Configure,
        };
}
