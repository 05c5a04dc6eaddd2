using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RawLlm.Extensions.Hosting;

/// <summary>Checks that the clients of a chain are registered, without creating them.</summary>
/// <param name="registered">The clients that <c>AddLlmClient</c> has registered.</param>
/// <param name="services">Checks whether a service is registered; null if the container cannot.</param>
internal sealed class ChainCheck(IEnumerable<RegisteredClient> registered, IServiceProviderIsKeyedService? services = null)
    : IValidateOptions<FallbackChainSetup>
{
    public ValidateOptionsResult Validate(string? name, FallbackChainSetup options)
    {
        foreach (string client in options.Clients)
        {
            if (services?.IsKeyedService(typeof(LlmClient), client) == false)
            {
                return ValidateOptionsResult.Fail(
                    $"The FallbackChain{(string.IsNullOrEmpty(name) ? "" : $" '{name}'")}: no LlmClient is registered as '{client}'. Register it with AddLlmClient(\"{client}\", …){Known()}."
                );
            }
        }
        return ValidateOptionsResult.Success;
    }

    private string Known() =>
        registered.Where(client => client.Name.Length > 0).Select(client => client.Name).ToArray() is { Length: > 0 } names
            ? $"; the registered names are: {string.Join(", ", names)}"
            : "";
}
