namespace RawLlm;

/// <summary>One of a service's rate limits.</summary>
/// <param name="Limit">How many are allowed in the service's window; null if unknown.</param>
/// <param name="Remaining">How many remain; null if unknown.</param>
/// <param name="ResetAfter">The time until the limit resets, if the service sends a duration; otherwise null.</param>
/// <param name="ResetAt">When the limit resets, if the service sends a point in time; otherwise null.</param>
public sealed record RateLimit(long? Limit, long? Remaining, TimeSpan? ResetAfter, DateTimeOffset? ResetAt);
