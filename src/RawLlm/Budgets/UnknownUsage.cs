namespace RawLlm;

/// <summary>
/// What a <see cref="Budget"/> counts for an attempt whose usage is not known: one that broke off or was canceled, or an answer without
/// usage.
/// </summary>
/// <remarks>Attempts that the service refused by its status (<see cref="LlmAttempt.MayBeBilled"/> is false) never count.</remarks>
public enum UnknownUsage
{
    /// <summary>
    /// The amount reserved for it, which is the most that it can have cost as far as that is known. The default, because the service may
    /// bill it.
    /// </summary>
    AsReserved,

    /// <summary>An estimate of its prompt and of what had arrived of its answer.</summary>
    AsEstimated,

    /// <summary>Nothing.</summary>
    NotCounted,
}
