using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>How far a call had come. Values may be added.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LlmPhase>))]
public enum LlmPhase
{
    /// <summary>Checking the set-up; nothing was sent.</summary>
    Configure,

    /// <summary>Making the connection.</summary>
    Connect,

    /// <summary>Sending the request. Nothing of the library reports it yet: what happens then is told as <see cref="AwaitHeaders"/>.</summary>
    SendRequest,

    /// <summary>Waiting for the response's head.</summary>
    AwaitHeaders,

    /// <summary>Waiting for the first event.</summary>
    AwaitFirstEvent,

    /// <summary>Reading the answer.</summary>
    Streaming,

    /// <summary>The answer had ended, and a <see cref="ToolLoop"/> may not ask again, or it could not be read as a value.</summary>
    Done,
}
