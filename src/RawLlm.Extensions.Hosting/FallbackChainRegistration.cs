using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RawLlm.Extensions.Hosting;

namespace RawLlm;

/// <summary>Registers chains of clients with dependency injection.</summary>
/// <remarks>
/// Each chain is a singleton over clients that are registered by name (<see cref="LlmClientRegistration"/>), before it or after it. A name that no client has is an
/// <see cref="OptionsValidationException"/> when the host starts or, without a host, when the chain is first asked for.
/// </remarks>
public static class FallbackChainRegistration
{
    /// <summary>Registers a <see cref="FallbackChain"/>.</summary>
    /// <param name="services">The registrations.</param>
    /// <param name="clients">The names of its clients, the first one to be asked first.</param>
    /// <param name="options">When to go on; the defaults when null.</param>
    /// <exception cref="ArgumentException">There is no client, or one without a name; or a chain is registered already.</exception>
    public static IServiceCollection AddLlmFallbackChain(this IServiceCollection services, IReadOnlyList<string> clients, FallbackOptions? options = null) => Add(services, null, clients, options);

    /// <summary>Registers a <see cref="FallbackChain"/> under a key, as <c>[FromKeyedServices]</c> takes it.</summary>
    /// <param name="services">The registrations.</param>
    /// <param name="name">The key.</param>
    /// <param name="clients">The names of its clients, the first one to be asked first.</param>
    /// <param name="options">When to go on; the defaults when null.</param>
    /// <exception cref="ArgumentException">There is no client, or one without a name; or a chain of this name is registered already.</exception>
    public static IServiceCollection AddLlmFallbackChain(this IServiceCollection services, string name, IReadOnlyList<string> clients, FallbackOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Add(services, name, clients, options);
    }

    private static IServiceCollection Add(IServiceCollection services, string? name, IReadOnlyList<string> clients, FallbackOptions? options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(clients);
        string[] asked = [.. clients];
        if (asked.Length == 0 || Array.Exists(asked, string.IsNullOrWhiteSpace))
            throw new ArgumentException("A chain has at least one client, and each has a name.", nameof(clients));
        if (services.Any(service => service.ServiceType == typeof(FallbackChain) && (name is null ? !service.IsKeyedService : service.IsKeyedService && name.Equals(service.ServiceKey))))
            throw new ArgumentException($"A FallbackChain is registered {(name is null ? "without a name" : $"as '{name}'")} already. Give this one a name of its own.", nameof(services));
        string place = name ?? Options.DefaultName;
        services.AddOptions<FallbackChainSetup>(place).Configure(setup => (setup.Clients, setup.Options) = (asked, options ?? FallbackOptions.Default)).ValidateOnStart();
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
