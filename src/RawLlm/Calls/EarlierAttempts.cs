namespace RawLlm;

/// <summary>The failed attempts of a call, and when the current one began.</summary>
internal sealed class EarlierAttempts(List<LlmAttempt> attempts, string endpoint, TimeProvider time, long start)
{
    /// <summary>The failed attempts.</summary>
    public IReadOnlyList<LlmAttempt> Failed => attempts;

    /// <summary>Returns the failed attempts and the current one, which has failed as well.</summary>
    /// <param name="last">The error that ended the current attempt, without secrets.</param>
    public List<LlmAttempt> With(LlmException last) =>
        new(attempts)
        {
            LlmAttempt.Of(endpoint, last, time.GetElapsedTime(start)) with
            {
                MayBeBilled = last.OutputCommitted || last.MayBeBilled,
            },
        };
}
