namespace RawLlm;

/// <summary>One of a service's limits.</summary>
/// <param name="Limit">How many are allowed in the service's window; null when unknown.</param>
/// <param name="Remaining">How many are left; null when unknown.</param>
/// <param name="ResetAfter">How long until the limit is full again, when the service says it as a duration.</param>
/// <param name="ResetAt">When it is full again, when the service says it as a moment.</param>
public sealed record RateLimit(long? Limit, long? Remaining, TimeSpan? ResetAfter, DateTimeOffset? ResetAt);
