using Microsoft.Extensions.Options;

namespace RawLlm.Extensions.Hosting;

/// <summary>Checks a setup without asking the service, by creating a client that sends nothing.</summary>
internal sealed class SetupCheck : IValidateOptions<LlmClientSetup>
{
    private const string AllowsPlainHttp = $"{nameof(LlmClientOptions)}.{nameof(LlmClientOptions.AllowKeyOverPlainHttp)}";

    public ValidateOptionsResult Validate(string? name, LlmClientSetup options)
    {
        Provider? service = null;
        try
        {
            var (provider, model) = Resolution.Of(options);
            service = provider;
            using var http = new HttpClient(new NoHandler());
            using var client = new LlmClient(provider, model, options.Options, http);
            if (options.HasHeaders)
                CheckHeaders(provider, model, options.Options, http);
            return ValidateOptionsResult.Success;
        }
        catch (Exception e) when (e is LlmException or ArgumentException)
        {
            // The library's messages are for developers; a section may be edited by others, so the message also names its key.
            string inSection =
                options.Place is not { } place ? ""
                : service?.Credential is { Problem: { } problem, Variable: not null }
                && e.Message.Contains(problem, StringComparison.Ordinal)
                    ? $" In the configuration, set {place}ApiKey."
                : e.Message.Contains(AllowsPlainHttp, StringComparison.Ordinal)
                    ? $" In the configuration, set {place}{nameof(LlmClientOptions.AllowKeyOverPlainHttp)}."
                : "";
            return ValidateOptionsResult.Fail($"The LlmClient{(string.IsNullOrEmpty(name) ? "" : $" '{name}'")}: {e.Message}{inSection}");
        }
    }

    // Headers are checked when a request is written, which needs no network, except perhaps for a credential of the program's own.
    private static void CheckHeaders(Provider provider, string model, LlmClientOptions options, HttpClient http)
    {
        if (provider.Credential.GetType().Assembly != typeof(Credential).Assembly)
            provider = provider with { Credential = Credential.None };
        using var client = new LlmClient(provider, model, options, http);
        _ = client.ToCurl("Hi");
    }

    private sealed class NoHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("A setup is checked without sending requests.");
    }
}
