using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace RawLlm.Extensions.Hosting.Tests;

/// <summary>The code of docs/hosting.md, compiled; the README's test compares the two.</summary>
internal static class Snippets
{
    public static void Register(IServiceCollection services)
    {
        services.AddLlmClient(setup =>
        {
            setup.Provider = Providers.OpenAI;
            setup.Model = "gpt-6-luna";
        });
    }

    public static void RegisterSection(IServiceCollection services, IConfiguration configuration)
    {
        services.AddLlmClient(configuration.GetSection("Llm"));
    }

    public static void RegisterSeveral(IServiceCollection services)
    {
        services.AddLlmClient("good", setup => setup.Model = "anthropic:claude-sonnet-4-5");
        services.AddLlmClient("cheap", setup => setup.Model = "openai:gpt-6-luna");
        services.AddLlmFallbackChain(["good", "cheap"]);
        services.AddSingleton(provider => provider.GetRequiredService<FallbackChain>().AsChatClient());
    }

    public static void AddHandlers(IServiceCollection services)
    {
        services.AddTransient<TracingHandler>();
        services.AddLlmClient(setup =>
        {
            setup.Model = "openai:gpt-6-luna";
            setup.Options = new LlmClientOptions { Timeouts = LlmTimeouts.Default with { StreamHeaders = TimeSpan.FromMinutes(5) } };
        }).AddHttpMessageHandler<TracingHandler>();
    }

    private sealed class TracingHandler : DelegatingHandler;
}
