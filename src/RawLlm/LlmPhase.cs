using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>How far a call got. Values may be added.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LlmPhase>))]
public enum LlmPhase
{
    /// <summary>Checking the configuration; nothing was sent.</summary>
    Configure,

    /// <summary>Connecting.</summary>
    Connect,

    /// <summary>Sending the request. Reserved: the library reports errors of this phase as <see cref="AwaitHeaders"/>.</summary>
    SendRequest,

    /// <summary>Waiting for the response's head.</summary>
    AwaitHeaders,

    /// <summary>Waiting for the first event.</summary>
    AwaitFirstEvent,

    /// <summary>Reading the answer.</summary>
    Streaming,

    /// <summary>
    /// After the answer: a <see cref="ToolLoop"/> may not ask again, the answer could not be read as a value, or its embeddings do not
    /// match.
    /// </summary>
    Done,
}
