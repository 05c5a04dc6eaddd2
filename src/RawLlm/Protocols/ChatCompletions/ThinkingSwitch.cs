namespace RawLlm.Protocols;

/// <summary>How one model of a service is asked to think whose models differ in that.</summary>
internal enum ThinkingSwitch
{
    /// <summary>By an object that switches it on or off.</summary>
    Object,

    /// <summary>By an effort.</summary>
    Effort,

    /// <summary>It cannot be asked.</summary>
    Nothing,
}
