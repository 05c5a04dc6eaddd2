using Microsoft.Extensions.Configuration;

namespace RawLlm.Extensions.Hosting;

/// <summary>Determines the service and the model of a setup.</summary>
internal static class Resolution
{
    private const string Example = "Set Provider, or a Model that names both, such as 'openrouter:openai/gpt-5'.";

    /// <summary>Combines the settings of the section and of the program.</summary>
    /// <exception cref="ArgumentException">The service or the model is missing or invalid; no message contains a key or an
    /// address.</exception>
    public static (Provider Provider, string Model) Of(LlmClientSetup setup)
    {
        if (
            setup.Provider is null
            && !string.IsNullOrWhiteSpace(setup.Model)
            && Providers.TryResolve(setup.Model, out var named, out string model)
        )
        {
            return (With(named, null, setup.ApiKey, setup.ApiVersion, setup.Headers), model);
        }

        if (setup.Provider is null && setup.ApiKey is not null)
            throw new ArgumentException($"ApiKey is set, but no service is named. {Example} For any other server, set BaseUrl.");
        var provider = setup.Provider ?? throw new ArgumentException($"No service is named. {Example}");
        // A service that the program derived from the server at the section's address already has both.
        if (provider.Name != setup.AtBaseUrl?.Name)
            provider = With(provider, setup.BaseUrl, setup.ApiKey, setup.ApiVersion, setup.Headers);
        else if (setup.ApiVersion is not null)
            provider = AzureAddress.At(provider, provider.BaseUrl, setup.ApiVersion);
        if (string.IsNullOrWhiteSpace(setup.Model) && provider.DefaultModel is null)
        {
            throw new ArgumentException(
                $"No model is named, and {provider.Title} has no default model. Set Model to the service's own name of the model."
            );
        }

        if (string.IsNullOrWhiteSpace(setup.Model))
            return (provider, provider.DefaultModel!);
        CheckService(provider, setup.Model);
        return (provider, setup.Model);
    }

    /// <summary>Reads a section.</summary>
    /// <remarks>Base URL, API key and headers belong to the service that the section names. If it names none, they are kept for the one
    /// that the program names.</remarks>
    /// <exception cref="ArgumentException">A key or value is not known; no message contains an API key or an address.</exception>
    public static void Read(IConfiguration section, LlmClientSetup setup)
    {
        setup.Place = section is IConfigurationSection { Path: var path } ? path + ":" : "";
        SectionKeys.Check(section);
        setup.Options = SectionKeys.Read(section, setup.Options);
        string? model = SectionKeys.Text(section, "Model");
        string? baseUrl = SectionKeys.Text(section, "BaseUrl");
        string? key = SectionKeys.Text(section, "ApiKey");
        string? version = SectionKeys.Text(section, "ApiVersion");
        var headers = SectionKeys.ReadHeaders(section);
        setup.HasHeaders = headers is not null;
        setup.Model = model ?? setup.Model;
        if (SectionKeys.Text(section, "Provider") is { } name)
            setup.Provider = With(Providers.Get(name), baseUrl, key, version, headers);
        else if (
            setup.Provider is null
            && baseUrl is null
            && model is not null
            && Providers.TryResolve(model, out var named, out string rest)
        )
        {
            (setup.Provider, setup.Model) = (With(named, null, key, version, headers), rest);
        }
        else
            (setup.BaseUrl, setup.ApiKey, setup.ApiVersion, setup.Headers) = (baseUrl, key, version, headers);
        if (setup.Provider is null && baseUrl is not null)
            setup.Provider = setup.AtBaseUrl = With(Providers.OpenAICompatible(baseUrl, key), headers);
    }

    // Only at the service's own address: a gateway or a local server may have such names, as Ollama's mistral:7b.
    private static void CheckService(Provider provider, string model)
    {
        if (
            !Providers.TryResolve(model, out var named, out string rest)
            || named.Name == provider.Name
            || provider.IsLocal
            || !Providers.TryResolve(provider.Name + ":" + rest, out var known, out _)
            || known.BaseUrl != provider.BaseUrl
        )
        {
            return;
        }

        throw new ArgumentException(
            $"The model '{model}' names the service {named.Title}, but Provider is {provider.Title}, which would be asked for a model of this whole name. Remove '{named.Name}:' from Model, or leave Provider unset."
        );
    }

    private static Provider With(Provider provider, IReadOnlyDictionary<string, string>? headers)
    {
        if (headers is null)
            return provider;
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in provider.Headers)
            all[name] = value;
        foreach (var (name, value) in headers)
            all[name] = value;
        return provider with { Headers = all };
    }

    private static Provider With(
        Provider provider,
        string? baseUrl,
        string? key,
        string? version,
        IReadOnlyDictionary<string, string>? headers
    )
    {
        provider = With(provider, headers);
        var url = provider.BaseUrl;
        if (baseUrl is not null && !Uri.TryCreate(baseUrl, UriKind.Absolute, out url))
            throw new ArgumentException("BaseUrl is not a valid URL; it must begin with https:// or http://.");
        if (baseUrl is not null || version is not null)
            provider = AzureAddress.At(provider, url, version);
        try
        {
            return key is null ? provider : provider.WithKey(key);
        }
        catch (InvalidOperationException)
        {
            throw new ArgumentException(
                $"{provider.Title} does not take a single key. Remove ApiKey, and set Provider with a Credential in the program."
            );
        }
    }
}
