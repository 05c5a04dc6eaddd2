namespace RawLlm;

/// <summary>How a client is made that <c>AddLlmClient</c> registers. It is an options type: <c>AddOptions&lt;LlmClientSetup&gt;(name)</c> reaches it as well.</summary>
/// <remarks>Read once, when the client is made: a client is a singleton, and does not follow a configuration that changes.</remarks>
public sealed class LlmClientSetup
{
    /// <summary>The service, as in <c>Providers.OpenAI</c>; may be left out where <see cref="Model"/> names it.</summary>
    public Provider? Provider { get; set; }

    /// <summary>The model by the service's own name, or service and model together, such as <c>openrouter:openai/gpt-5</c>; the service's default model when null.</summary>
    public string? Model { get; set; }

    /// <summary>The address that a section gives which names no service: it is that of the service which the program names, or of any server of chat completions.</summary>
    internal string? BaseUrl { get; set; }

    /// <summary>Where the keys of the section stand, as <c>Llm:</c>; null where no section was read.</summary>
    internal string? Place { get; set; }

    /// <summary>The key that such a section gives.</summary>
    internal string? ApiKey { get; set; }

    /// <summary>The version of Azure's API that such a section gives.</summary>
    internal string? ApiVersion { get; set; }

    /// <summary>The server of chat completions at that address: the service unless the program names another one.</summary>
    internal Provider? AtBaseUrl { get; set; }

    /// <summary>How the client behaves. Set <see cref="LlmRetries.None"/> where a handler that is added repeats requests itself.</summary>
    public LlmClientOptions Options { get; set; } = LlmClientOptions.Default;
}
