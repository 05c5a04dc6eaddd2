using RawLlm.Protocols;

namespace RawLlm;

/// <summary>What can be known to be wrong about a set-up before anything is sent.</summary>
internal static class ProviderCheck
{
    public static void Check(Provider provider, LlmClientOptions options)
    {
        var url = provider.BaseUrl;
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            Throw(provider, "its base URL must begin with https:// or http://");
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            Throw(provider, "its base URL may hold neither user, query nor fragment; keys belong into the credential");
        if (provider.Credential.Problem is { } problem)
            Throw(provider, problem);
        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && provider.Credential.IsSecret && !options.AllowKeyOverPlainHttp)
            Throw(provider, "its base URL is plain HTTP on another machine, and the key would be readable on the way; use https, or LlmClientOptions.AllowKeyOverPlainHttp where the network is trusted");
    }

    /// <summary>A model's name or a wire's path must not lead away from the configured address.</summary>
    public static void CheckUrl(Provider provider, WireRequest wire)
    {
        if (wire.Url is not { } url || url.Scheme != provider.BaseUrl.Scheme || url.Host != provider.BaseUrl.Host || url.Port != provider.BaseUrl.Port
            || !url.AbsolutePath.StartsWith(provider.BaseUrl.AbsolutePath.TrimEnd('/'), StringComparison.Ordinal))
        {
            Throw(provider, "the request's address leads away from the base URL; check the model's name");
        }
    }

    private static void Throw(Provider provider, string problem) =>
        throw new LlmException(LlmErrorKind.InvalidConfiguration, $"{provider.Title} cannot be used: {problem}.") { Provider = provider.Name, Phase = LlmPhase.Configure };
}
