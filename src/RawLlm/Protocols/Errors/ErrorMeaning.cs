namespace RawLlm.Protocols;

/// <summary>What an error comes down to.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="IsRetryable">Whether the same request may well succeed later.</param>
/// <param name="Cause">For a failure of the service whose body blames the request, what it blames.</param>
/// <param name="IsGone">Whether the service says that what was asked for was there and will not come back.</param>
internal readonly record struct ErrorMeaning(LlmErrorKind Kind, bool IsRetryable, LlmErrorKind? Cause = null, bool IsGone = false);
