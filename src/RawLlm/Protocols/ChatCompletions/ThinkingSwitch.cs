namespace RawLlm.Protocols;

/// <summary>How one model is asked to think on a service whose models differ.</summary>
internal enum ThinkingSwitch
{
    /// <summary>By an object that turns thinking on or off.</summary>
    Object,

    /// <summary>By an effort.</summary>
    Effort,

    /// <summary>It cannot be asked.</summary>
    Nothing,
}
