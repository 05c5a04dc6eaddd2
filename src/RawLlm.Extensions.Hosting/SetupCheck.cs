using Microsoft.Extensions.Options;

namespace RawLlm.Extensions.Hosting;

/// <summary>Checks a set-up as far as that goes without asking the service: by making a client of it that sends nothing.</summary>
internal sealed class SetupCheck : IValidateOptions<LlmClientSetup>
{
    public ValidateOptionsResult Validate(string? name, LlmClientSetup options)
    {
        Provider? service = null;
        try
        {
            var (provider, model) = Resolution.Of(options);
            service = provider;
            using var http = new HttpClient(new NoHandler());
            using var client = new LlmClient(provider, model, options.Options, http);
            return ValidateOptionsResult.Success;
        }
        catch (Exception e) when (e is LlmException or ArgumentException)
        {
            // The library speaks to who writes a program; a section is what others may change.
            string inSection = options.Place is { } place && service?.Credential is { Problem: { } problem, Variable: not null } && e.Message.Contains(problem, StringComparison.Ordinal) ? $" In the configuration that is {place}ApiKey." : "";
            return ValidateOptionsResult.Fail($"The LlmClient{(string.IsNullOrEmpty(name) ? "" : $" '{name}'")}: {e.Message}{inSection}");
        }
    }

    private sealed class NoHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("A set-up is checked without asking anybody.");
    }
}
