using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RawLlm.Extensions.Hosting;

namespace RawLlm;

/// <summary>Registers clients with dependency injection.</summary>
/// <remarks>
/// Each client is a singleton over an <see cref="HttpClient"/> of <see cref="IHttpClientFactory"/>, with the handler of
/// <see cref="LlmClient.CreateHandler"/> and an infinite <c>HttpClient.Timeout</c>. A setup that cannot work throws an
/// <see cref="OptionsValidationException"/> that says what to do, when the host starts or, without a host, when the client is first
/// requested. Use the returned builder to add handlers.
/// </remarks>
public static class LlmClientRegistrationExtensions
{
    private const string HttpName = "RawLlm";

    /// <summary>Registers an <see cref="LlmClient"/>.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="configure">Sets the service and the model.</param>
    /// <exception cref="ArgumentException">A client without a name is already registered.</exception>
    public static IHttpClientBuilder AddLlmClient(this IServiceCollection services, Action<LlmClientSetup> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, null, configure);
    }

    /// <summary>Registers an <see cref="LlmClient"/> under a key, for <c>[FromKeyedServices]</c>.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="name">The key, and the name of the options.</param>
    /// <param name="configure">Sets the service and the model.</param>
    /// <exception cref="ArgumentException">A client with this name is already registered.</exception>
    public static IHttpClientBuilder AddLlmClient(this IServiceCollection services, string name, Action<LlmClientSetup> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, name, configure);
    }

    /// <summary>Registers an <see cref="LlmClient"/> from a configuration section.</summary>
    /// <remarks>
    /// The section's keys, all of them optional: <c>Provider</c>, a name such as <c>openrouter</c>; <c>Model</c>, which may name both;
    /// <c>BaseUrl</c>, without <c>Provider</c> for any server of chat completions; <c>ApiKey</c>, instead of the service's environment
    /// variable; <c>ApiVersion</c>, for Azure deployments; <c>Headers</c>, a subsection of headers that every request sends;
    /// <c>AllowKeyOverPlainHttp</c>; <c>Timeouts</c> and <c>Retries</c>, subsections with the properties of <see cref="LlmTimeouts"/> and
    /// <see cref="LlmRetries"/>, with times such as <c>00:01:30</c>. Any other key throws an <see cref="OptionsValidationException"/>,
    /// except in the root of a configuration, which also contains the settings of others.
    /// </remarks>
    /// <param name="services">The service collection.</param>
    /// <param name="section">The configuration section.</param>
    /// <param name="configure">Changes the setup after the section was read; null for no changes.</param>
    /// <exception cref="ArgumentException">A client without a name is already registered.</exception>
    public static IHttpClientBuilder AddLlmClient(
        this IServiceCollection services,
        IConfiguration section,
        Action<LlmClientSetup>? configure = null
    )
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, null, setup => Read(section, null, setup, configure));
    }

    /// <summary>Registers an <see cref="LlmClient"/> from a configuration section, under a key.</summary>
    /// <inheritdoc cref="AddLlmClient(IServiceCollection, IConfiguration, Action{LlmClientSetup}?)" path="/remarks"/>
    /// <param name="services">The service collection.</param>
    /// <param name="name">The key, and the name of the options.</param>
    /// <param name="section">The configuration section.</param>
    /// <param name="configure">Changes the setup after the section was read; null for no changes.</param>
    /// <exception cref="ArgumentException">A client with this name is already registered.</exception>
    public static IHttpClientBuilder AddLlmClient(
        this IServiceCollection services,
        string name,
        IConfiguration section,
        Action<LlmClientSetup>? configure = null
    )
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
        return services
            .AddHttpClient(http)
            // LlmTimeouts apply instead.
            .ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => LlmClient.CreateHandler(SetupOf(provider, options).Options))
            // A singleton keeps its handler forever; the handler itself resolves addresses again.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Regardless of what the program logs for its other clients: some of these headers contain the key.
            .RedactLoggedHeaders(static _ => true);
    }

    // Two clients would share their options, so the address of the second would receive the key of the first. If the client itself was
    // removed, as tests do, its options are removed too.
    private static void Refuse(IServiceCollection services, string options, string http)
    {
        if (
            services.FirstOrDefault(service =>
                !service.IsKeyedService && service.ImplementationInstance is RegisteredClient known && known.Name == options
            )
            is not { } marker
        )
        {
            return;
        }

        bool hasNone = options.Length == 0;
        if (
            services.Any(service =>
                service.ServiceType == typeof(LlmClient)
                && (hasNone ? !service.IsKeyedService : service.IsKeyedService && options.Equals(service.ServiceKey))
            )
        )
        {
            throw new ArgumentException(
                $"An LlmClient is already registered {(hasNone ? "without a name" : $"as '{options}'")}. Give this one a name of its own, or change the first with AddOptions<LlmClientSetup>({(hasNone ? "" : $"\"{options}\"")}).Configure(…), and its HttpClient with AddHttpClient(\"{http}\").",
                nameof(services)
            );
        }

        var configure = ((RegisteredClient)marker.ImplementationInstance!).Configure;
        services.Remove(marker);
        for (int i = services.Count - 1; i >= 0; i--)
        {
            if (
                !services[i].IsKeyedService
                && services[i].ImplementationInstance is ConfigureNamedOptions<LlmClientSetup> { Action: var action }
                && action == configure
            )
            {
                services.RemoveAt(i);
            }
        }
    }

    private static LlmClient Create(IServiceProvider provider, string options, string http)
    {
        var setup = SetupOf(provider, options);
        var (service, model) = Resolution.Of(setup);
        return new LlmClient(service, model, setup.Options, provider.GetRequiredService<IHttpClientFactory>().CreateClient(http));
    }

    private static LlmClientSetup SetupOf(IServiceProvider provider, string options) =>
        provider.GetRequiredService<IOptionsMonitor<LlmClientSetup>>().Get(options);

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
