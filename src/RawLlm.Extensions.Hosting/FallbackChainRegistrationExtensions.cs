using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RawLlm.Extensions.Hosting;

namespace RawLlm;

/// <summary>Registers fallback chains with dependency injection.</summary>
/// <remarks>
/// Each chain is a singleton over clients that are registered by name (<see cref="LlmClientRegistrationExtensions"/>), before or after the
/// chain. A name that no client has throws an <see cref="OptionsValidationException"/> when the host starts or, without a host, when the
/// chain is first requested.
/// </remarks>
public static class FallbackChainRegistrationExtensions
{
    /// <summary>Registers a <see cref="FallbackChain"/>.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="clients">The names of its clients, in the order in which they are asked.</param>
    /// <param name="options">When to move on; null for the defaults.</param>
    /// <exception cref="ArgumentException">The chain has no client or one without a name, or a chain without a name is already
    /// registered.</exception>
    public static IServiceCollection AddLlmFallbackChain(
        this IServiceCollection services,
        IReadOnlyList<string> clients,
        FallbackOptions? options = null
    ) => Add(services, null, clients, options);

    /// <summary>Registers a <see cref="FallbackChain"/> under a key, for <c>[FromKeyedServices]</c>.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="name">The key.</param>
    /// <param name="clients">The names of its clients, in the order in which they are asked.</param>
    /// <param name="options">When to move on; null for the defaults.</param>
    /// <exception cref="ArgumentException">The chain has no client or one without a name, or a chain with this name is already
    /// registered.</exception>
    public static IServiceCollection AddLlmFallbackChain(
        this IServiceCollection services,
        string name,
        IReadOnlyList<string> clients,
        FallbackOptions? options = null
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Add(services, name, clients, options);
    }

    private static IServiceCollection Add(
        IServiceCollection services,
        string? name,
        IReadOnlyList<string> clients,
        FallbackOptions? options
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(clients);
        string[] asked = [.. clients];
        if (asked.Length == 0 || Array.Exists(asked, string.IsNullOrWhiteSpace))
            throw new ArgumentException("A chain needs at least one client, and each client needs a name.", nameof(clients));
        if (
            services.Any(service =>
                service.ServiceType == typeof(FallbackChain)
                && (name is null ? !service.IsKeyedService : service.IsKeyedService && name.Equals(service.ServiceKey))
            )
        )
        {
            throw new ArgumentException(
                $"A FallbackChain is already registered {(name is null ? "without a name" : $"as '{name}'")}. Give this one a name of its own.",
                nameof(services)
            );
        }

        string place = name ?? Options.DefaultName;
        services
            .AddOptions<FallbackChainSetup>(place)
            .Configure(setup => (setup.Clients, setup.Options) = (asked, options ?? FallbackOptions.Default))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FallbackChainSetup>, ChainCheck>());
        if (name is null)
            services.AddSingleton(provider => Create(provider, place));
        else
            services.AddKeyedSingleton(name, (provider, _) => Create(provider, place));
        return services;
    }

    private static FallbackChain Create(IServiceProvider provider, string place)
    {
        var setup = provider.GetRequiredService<IOptionsMonitor<FallbackChainSetup>>().Get(place);
        return new FallbackChain([.. setup.Clients.Select(client => provider.GetRequiredKeyedService<LlmClient>(client))], setup.Options);
    }
}
