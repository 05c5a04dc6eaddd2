using RawLlm.Cli.Targets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Doctor;

/// <summary>Writes the C# expression that creates the provider as it was examined. It never contains an API key.</summary>
internal static class ProviderExpression
{
    /// <param name="target">The endpoint as the command line named it.</param>
    /// <param name="address">The base URL from the command line, instead of the provider's own; null if none was given.</param>
    /// <param name="adjustments">The dialect settings that the endpoint needed.</param>
    public static string Write(Target target, string? address, IReadOnlyList<DialectAdjustment> adjustments)
    {
        var given = target.Provider;
        var known = Providers.All().FirstOrDefault(known => known.Name == given.Name);
        string url = $"new Uri(\"{AddressText.Of(given.BaseUrl)}\")";
        string key = target.KeyVariable is null ? "apiKey" : $"Environment.GetEnvironmentVariable(\"{target.KeyVariable}\")";
        string expression = known is null ? $"Providers.OpenAICompatible({url}, {key})" : $"Providers.Get(\"{given.Name}\")";
        var changes = new List<string>();
        if (known is not null && address is not null)
            changes.Add($"BaseUrl = {url}");
        if (known is not null && Credential(target, known) is { } credential)
            changes.Add($"Credential = {credential}");
        if (adjustments.Count > 0)
        {
            string members = string.Join(", ", adjustments.Select(adjustment => adjustment.Expression));
            changes.Add($"Protocol = ({nameof(ChatCompletionsProtocol)}){expression}.Protocol with {{ {members} }}");
        }
        return changes.Count == 0 ? expression : $"{expression} with {{ {string.Join(", ", changes)} }}";
    }

    /// <summary>The options without which a client refuses the provider; null if it needs none.</summary>
    public static string? Options(Target target)
    {
        var (url, credential) = (target.Provider.BaseUrl, target.Provider.Credential);
        return target.Options.AllowKeyOverPlainHttp && url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && credential.IsSecret
            ? $"new {nameof(LlmClientOptions)} {{ {nameof(LlmClientOptions.AllowKeyOverPlainHttp)} = true }}"
            : null;
    }

    // A client refuses to send the provider's API key from the environment to another host, unless the credential is set as well.
    private static string? Credential(Target target, Provider known)
    {
        if (target.KeyVariable is not { } variable || known.Credential is not HeaderCredential own)
            return null;
        var given = target.Provider;
        bool isMoved =
            Uri.Compare(
                given.BaseUrl,
                known.BaseUrl,
                UriComponents.SchemeAndServer,
                UriFormat.Unescaped,
                StringComparison.OrdinalIgnoreCase
            ) != 0;
        bool sendsKey = given.Credential.IsSecret || given.Credential.Problem is not null;
        if (variable == own.Variable && !(isMoved && sendsKey))
            return null;
        return own.IsBearer ? $"Credential.BearerFrom(\"{variable}\")" : $"Credential.HeaderFrom(\"{own.Name}\", \"{variable}\")";
    }
}
