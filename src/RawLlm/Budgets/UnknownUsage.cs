namespace RawLlm;

/// <summary>What a <see cref="Budget"/> counts for an attempt of which it is not said what it used: one that broke off or was cancelled, and an answer without usage.</summary>
/// <remarks>Attempts that the service refused by its status (<see cref="LlmAttempt.MayBeBilled"/> is false) count for nothing in any case.</remarks>
public enum UnknownUsage
{
    /// <summary>What was held for it, which is the most that it can have cost as far as that is known. The default: the service may bill it.</summary>
    AsReserved,

    /// <summary>The estimate of its prompt and of what had come of its answer.</summary>
    AsEstimated,

    /// <summary>Nothing.</summary>
    NotCounted,
}
