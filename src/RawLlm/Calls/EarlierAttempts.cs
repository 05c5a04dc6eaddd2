namespace RawLlm;

/// <summary>The tries of a call that failed, and when the one that is under way began.</summary>
internal sealed class EarlierAttempts(List<LlmAttempt> attempts, string endpoint, TimeProvider time, long start)
{
    /// <summary>Those that failed.</summary>
    public IReadOnlyList<LlmAttempt> Failed => attempts;

    /// <summary>All of them and the one under way, which has failed as well.</summary>
    /// <param name="last">What ended that one, without secrets.</param>
    public List<LlmAttempt> With(LlmException last) => new(attempts) { LlmAttempt.Of(endpoint, last, time.GetElapsedTime(start)) with { MayBeBilled = last.OutputCommitted || last.MayBeBilled } };
}
