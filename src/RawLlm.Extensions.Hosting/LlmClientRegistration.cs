using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RawLlm.Extensions.Hosting;

namespace RawLlm;

/// <summary>Registers clients with dependency injection.</summary>
/// <remarks>
/// Each client is a singleton over an <see cref="HttpClient"/> of <see cref="IHttpClientFactory"/>, with the handler that <see cref="LlmClient.CreateHandler"/> gives and no
/// timeout of its own. What cannot work is an <see cref="OptionsValidationException"/> that says what to do, when the host starts or, without a host, when the client is
/// first asked for. The builder that comes back takes handlers of one's own.
/// </remarks>
public static class LlmClientRegistration
{
    private const string HttpName = "RawLlm";

    /// <summary>Registers an <see cref="LlmClient"/>.</summary>
    /// <param name="services">The registrations.</param>
    /// <param name="configure">Says which service and model.</param>
    /// <exception cref="ArgumentException">A client of this name is registered already.</exception>
    public static IHttpClientBuilder AddLlmClient(this IServiceCollection services, Action<LlmClientSetup> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, null, configure);
    }

    /// <summary>Registers an <see cref="LlmClient"/> under a key, as <c>[FromKeyedServices]</c> takes it.</summary>
    /// <param name="services">The registrations.</param>
    /// <param name="name">The key, and the name of the options.</param>
    /// <param name="configure">Says which service and model.</param>
    /// <exception cref="ArgumentException">A client of this name is registered already.</exception>
    public static IHttpClientBuilder AddLlmClient(this IServiceCollection services, string name, Action<LlmClientSetup> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name, configure);
    }

    /// <summary>Registers an <see cref="LlmClient"/> that a section of the configuration describes.</summary>
    /// <remarks>
    /// The section's keys, none of them required: <c>Provider</c>, a name as in <c>openrouter</c>; <c>Model</c>, which may name both; <c>BaseUrl</c>, alone for any server of chat
    /// completions; <c>ApiKey</c>, in place of the environment variable that the service's key comes from; <c>ApiVersion</c>, of Azure's deployments; <c>Timeouts</c> and <c>Retries</c>, with the properties of
    /// <see cref="LlmTimeouts"/> and <see cref="LlmRetries"/> as keys of their own, times as in <c>00:01:30</c>. Any other key is an <see cref="OptionsValidationException"/>, but
    /// in the root of a configuration, which holds what is others'.
    /// </remarks>
    /// <param name="services">The registrations.</param>
    /// <param name="section">The section.</param>
    /// <param name="configure">Says more, after the section was read; null for nothing.</param>
    /// <exception cref="ArgumentException">A client of this name is registered already.</exception>
    public static IHttpClientBuilder AddLlmClient(this IServiceCollection services, IConfiguration section, Action<LlmClientSetup>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, null, setup => Read(section, null, setup, configure));
    }

    /// <summary>Registers an <see cref="LlmClient"/> that a section of the configuration describes, under a key.</summary>
    /// <inheritdoc cref="AddLlmClient(IServiceCollection, IConfiguration, Action{LlmClientSetup}?)" path="/remarks"/>
    /// <param name="services">The registrations.</param>
    /// <param name="name">The key, and the name of the options.</param>
    /// <param name="section">The section.</param>
    /// <param name="configure">Says more, after the section was read; null for nothing.</param>
    /// <exception cref="ArgumentException">A client of this name is registered already.</exception>
    public static IHttpClientBuilder AddLlmClient(this IServiceCollection services, string name, IConfiguration section, Action<LlmClientSetup>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, name, setup => Read(section, name, setup, configure));
    }

    private static IHttpClientBuilder Add(IServiceCollection services, string? name, Action<LlmClientSetup> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        string options = name ?? Options.DefaultName;
        string http = name is null ? HttpName : $"{HttpName}.{name}";
        Refuse(services, options, http);
        services.AddSingleton(new RegisteredClient(options, configure));
        services.AddOptions<LlmClientSetup>(options).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LlmClientSetup>, SetupCheck>());
        if (name is null)
            services.TryAddSingleton(provider => Create(provider, options, http));
        else
            services.TryAddKeyedSingleton(name, (provider, _) => Create(provider, options, http));
        return services.AddHttpClient(http)
            // LlmTimeouts hold.
            .ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => LlmClient.CreateHandler(SetupOf(provider, options).Options))
            // A singleton keeps its handler for good; the handler itself looks addresses up anew.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Whatever the program shows of its other clients' headers: here some hold the key.
            .RedactLoggedHeaders(static _ => true);
    }

    // The options of both would be one: an address of the second would get the key of the first. What a client had that was taken out again, as tests do, goes after it.
    private static void Refuse(IServiceCollection services, string options, string http)
    {
        if (services.FirstOrDefault(service => !service.IsKeyedService && service.ImplementationInstance is RegisteredClient known && known.Name == options) is not { } marker)
            return;
        bool hasNone = options.Length == 0;
        if (services.Any(service => service.ServiceType == typeof(LlmClient) && (hasNone ? !service.IsKeyedService : service.IsKeyedService && options.Equals(service.ServiceKey))))
            throw new ArgumentException($"An LlmClient is registered {(hasNone ? "without a name" : $"as '{options}'")} already. Give this one a name of its own; or change the first by AddOptions<LlmClientSetup>({(hasNone ? "" : $"\"{options}\"")}).Configure(…), and its HttpClient by AddHttpClient(\"{http}\").", nameof(services));
        var configure = ((RegisteredClient)marker.ImplementationInstance!).Configure;
        services.Remove(marker);
        for (int i = services.Count - 1; i >= 0; i--)
        {
            if (!services[i].IsKeyedService && services[i].ImplementationInstance is ConfigureNamedOptions<LlmClientSetup> { Action: var action } && action == configure)
                services.RemoveAt(i);
        }
    }

    private static LlmClient Create(IServiceProvider provider, string options, string http)
    {
        var setup = SetupOf(provider, options);
        var (service, model) = Resolution.Of(setup);
        return new LlmClient(service, model, setup.Options, provider.GetRequiredService<IHttpClientFactory>().CreateClient(http));
    }

    private static LlmClientSetup SetupOf(IServiceProvider provider, string options) => provider.GetRequiredService<IOptionsMonitor<LlmClientSetup>>().Get(options);

    private static void Read(IConfiguration section, string? name, LlmClientSetup setup, Action<LlmClientSetup>? configure)
    {
        try
        {
            Resolution.Read(section, setup);
        }
        catch (ArgumentException e)
        {
            string place = section is IConfigurationSection { Path: var path } ? path : "The configuration";
            throw new OptionsValidationException(name ?? Options.DefaultName, typeof(LlmClientSetup), [$"{place}: {e.Message}"]);
        }
        configure?.Invoke(setup);
    }
}
