namespace RawLlm.Protocols;

/// <summary>The classification of an error.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="IsRetryable">Whether the same request may succeed later.</param>
/// <param name="Cause">For a failure or overload of the service whose body blames the request or the account: what it blames.</param>
/// <param name="IsGone">Whether the service says that the model or URL existed and will not come back.</param>
internal readonly record struct ErrorMeaning(LlmErrorKind Kind, bool IsRetryable, LlmErrorKind? Cause = null, bool IsGone = false);
