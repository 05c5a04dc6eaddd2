namespace RawLlm;

/// <summary>The tries of a call that failed, and when the one that is under way began.</summary>
internal sealed class EarlierAttempts(List<LlmAttempt> attempts, string endpoint, TimeProvider time, long start)
{
    /// <summary>Those that failed.</summary>
    public IReadOnlyList<LlmAttempt> Failed => attempts;

    /// <summary>All of them and the one under way, which has failed as well.</summary>
    public List<LlmAttempt> With(LlmErrorKind last) => new(attempts) { new LlmAttempt(endpoint, last, time.GetElapsedTime(start)) { MayBeBilled = LlmException.IsBillable(last) } };
}
