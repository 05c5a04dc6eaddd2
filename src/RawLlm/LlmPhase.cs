namespace RawLlm;

/// <summary>How far a call had come.</summary>
public enum LlmPhase
{
    /// <summary>Checking the set-up; nothing was sent.</summary>
    Configure,

    /// <summary>Making the connection.</summary>
    Connect,

    /// <summary>Sending the request.</summary>
    SendRequest,

    /// <summary>Waiting for the response's head.</summary>
    AwaitHeaders,

    /// <summary>Waiting for the first event.</summary>
    AwaitFirstEvent,

    /// <summary>Reading the answer.</summary>
    Streaming,

    /// <summary>The answer had ended.</summary>
    Done,
}
