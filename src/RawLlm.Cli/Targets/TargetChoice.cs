using RawLlm.Cli.Demo;

namespace RawLlm.Cli.Targets;

/// <summary>
/// Chooses the service: the one that the command line names; otherwise the first whose API key is set; otherwise a local server that
/// responds; otherwise the demonstration, so that the first command on a fresh machine shows something.
/// </summary>
internal static class TargetChoice
{
    private const string DemoName = "demo";

    // API keys that many machines have for other purposes. Sending a prompt there just because such a key is set would be a surprise.
    internal static readonly string[] SharedVariables = ["HF_TOKEN", "CLOUDFLARE_API_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN", "SCW_SECRET_KEY"];

    // Several providers may stand for one server; the first known one of each line is asked.
    private static readonly string[][] LocalServers =
    [
        ["ollama", "ollama-compatible"],
        ["llama.cpp"],
        ["lmstudio"],
        ["vllm"],
    ];

    /// <exception cref="UsageException">The options name something that does not exist.</exception>
    public static async Task<Target> ChooseAsync(
        string? name,
        string? baseUrl,
        string? keyVariable,
        Shell shell,
        CancellationToken cancellationToken
    )
    {
        var target = await FindAsync(name, baseUrl, keyVariable, shell, cancellationToken).ConfigureAwait(false);
        return target with { Problem = TargetProblem.Of(target.Provider, shell) };
    }

    private static async Task<Target> FindAsync(
        string? name,
        string? baseUrl,
        string? keyVariable,
        Shell shell,
        CancellationToken cancellationToken
    )
    {
        if (name is not null || baseUrl is not null)
            return Named(name, baseUrl, keyVariable, shell);
        if (keyVariable is not null)
            throw new UsageException("--key-env names the variable of an API key, but not the service. Add --provider or --base-url.");
        if (WithKey(shell) is { } withKey)
            return withKey;
        return await FindLocalAsync(shell, cancellationToken).ConfigureAwait(false)
            ?? StartDemo(shell, "no API key variable is set and no local server responds");
    }

    private static Target Named(string? name, string? baseUrl, string? keyVariable, Shell shell)
    {
        if (string.Equals(name, DemoName, StringComparison.OrdinalIgnoreCase))
        {
            return baseUrl is null && keyVariable is null
                ? StartDemo(shell, reason: null)
                : throw new UsageException("--provider demo cannot be combined with --base-url or --key-env.");
        }

        var provider = name is null
            ? AtAddress(Providers.OpenAICompatible("http://localhost"), baseUrl!)
            : shell.Providers.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UsageException(
                    $"No provider is called '{name}'.{Suggestion.Question(name, shell.Providers.Select(known => known.Name))} Known providers: {string.Join(", ", shell.Providers.Select(known => known.Name))}, {DemoName}."
                );
        if (baseUrl is not null && name is not null)
            provider = AtAddress(provider, baseUrl);
        if (keyVariable is not null)
        {
            string key =
                shell.Value(keyVariable)
                ?? throw new UsageException(
                    IsName(keyVariable)
                        ? $"The environment variable {keyVariable}, named by --key-env, is not set."
                        : "--key-env takes the name of an environment variable that is set, not the API key itself."
                );
            return new Target(
                TryApplyKey(provider, key, keyVariable)
                    ?? throw new UsageException(
                        $"{provider.Title} does not authenticate with a single API key, so --key-env cannot be used with it."
                    ),
                null
            )
            {
                KeyVariable = keyVariable,
            };
        }
        return new Target(ApplyOwnKey(provider, shell), null) { KeyVariable = provider.Credential.Variable };
    }

    private static Target? WithKey(Shell shell)
    {
        foreach (var provider in shell.Providers)
        {
            if (provider.Credential.Variable is { } variable && !SharedVariables.Contains(variable) && shell.Value(variable) is not null)
                return new Target(ApplyOwnKey(provider, shell), $"{variable} is set") { KeyVariable = variable };
        }
        return null;
    }

    private static async Task<Target?> FindLocalAsync(Shell shell, CancellationToken cancellationToken)
    {
        var servers = LocalServers
            .Select(names =>
                names.Select(name => shell.Providers.FirstOrDefault(known => known.Name == name)).FirstOrDefault(known => known is not null)
            )
            .OfType<Provider>()
            .ToArray();
        var lists = await Task.WhenAll(servers.Select(server => shell.Probe(server, cancellationToken))).ConfigureAwait(false);
        for (int i = 0; i < servers.Length; i++)
        {
            // A server without any model cannot answer.
            if (lists[i] is { Count: > 0 } models)
                return new Target(servers[i], $"it responds at {servers[i].BaseUrl.Authority}") { Models = models };
        }
        return null;
    }

    private static Target StartDemo(Shell shell, string? reason)
    {
        var server = DemoServer.Start(shell.DemoPause);
        return new Target(server.CreateProvider(), reason) { Demo = server };
    }

    // An API key goes only to the host that it is meant for, unless --key-env names it.
    private static Provider ApplyOwnKey(Provider provider, Shell shell) =>
        provider.MadeFor is null && provider.Credential.Variable is { } variable && shell.Value(variable) is { } key
            ? TryApplyKey(provider, key, variable) ?? provider
            : provider;

    private static Provider? TryApplyKey(Provider provider, string key, string variable)
    {
        try
        {
            return provider.WithKey(key);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
        catch (ArgumentException)
        {
            throw new UsageException(
                $"The environment variable {variable} does not contain a usable API key: one of its characters is not allowed in a header. Check that the key was copied correctly."
            );
        }
    }

    /// <summary>Whether a text is the name of a variable; anything else may be the API key itself.</summary>
    public static bool IsName(string variable) =>
        variable.Length > 0
        && !char.IsAsciiDigit(variable[0])
        && variable.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_');

    // The errors do not repeat the address: it may contain an API key.
    private static Provider AtAddress(Provider provider, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new UsageException("--base-url takes an address that starts with https:// or http://, such as http://localhost:8000.");
        provider = AzureAddress.At(provider, url, version: null);
        url = provider.BaseUrl;
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw new UsageException(
                "--base-url takes an address without a user name, query or fragment. Put an API key into an environment variable, and name the variable with --key-env."
                    + (
                        url.Query.Contains("api-version=", StringComparison.OrdinalIgnoreCase)
                            ? " For an Azure address with an api-version, use --provider azure-deployments."
                            : ""
                    )
            );
        }
        return provider;
    }
}
