using System.Diagnostics;

namespace RawLlm;

/// <summary>
/// How a client of <c>AddLlmClient</c> is created. This is an options type: <c>AddOptions&lt;LlmClientSetup&gt;(name)</c> can also
/// configure it.
/// </summary>
/// <remarks>Read once, when the client is created: a client is a singleton and ignores later changes of the configuration.</remarks>
public sealed class LlmClientSetup
{
    /// <summary>The service, such as <c>Providers.OpenAI</c>; not needed if <see cref="Model"/> names it.</summary>
    public Provider? Provider { get; set; }

    /// <summary>The model by the service's own name, or service and model together, such as <c>openrouter:openai/gpt-5</c>; null for the
    /// service's default model.</summary>
    public string? Model { get; set; }

    /// <summary>The base URL from a section that names no service. It belongs to the service that the program names, otherwise to a server
    /// of chat completions.</summary>
    internal string? BaseUrl { get; set; }

    /// <summary>The prefix of the section's keys, such as <c>Llm:</c>; null if no section was read.</summary>
    internal string? Place { get; set; }

    /// <summary>The API key from such a section.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal string? ApiKey { get; set; }

    /// <summary>The version of Azure's API from such a section.</summary>
    internal string? ApiVersion { get; set; }

    /// <summary>The headers from such a section; null if it has none.</summary>
    internal IReadOnlyDictionary<string, string>? Headers { get; set; }

    /// <summary>Whether the section has headers, whatever service they are for.</summary>
    internal bool HasHeaders { get; set; }

    /// <summary>
    /// The server of chat completions at <see cref="BaseUrl"/>, which is the service unless the program names another one.
    /// </summary>
    internal Provider? AtBaseUrl { get; set; }

    /// <summary>How the client behaves. Set <see cref="LlmRetries.None"/> if an additional handler retries requests itself.</summary>
    public LlmClientOptions Options { get; set; } = LlmClientOptions.Default;
}
