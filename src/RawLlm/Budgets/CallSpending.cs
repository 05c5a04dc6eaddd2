namespace RawLlm;

/// <summary>Holds the attempts of one client's call to its bounds. Not thread-safe.</summary>
internal abstract class CallSpending
{
    /// <summary>Holds what the next attempt may cost, unless that was done.</summary>
    /// <param name="after">What ended the attempt before; null for the first.</param>
    /// <exception cref="LlmException">It may exceed a bound (<see cref="LlmErrorKind.BudgetExceeded"/>).</exception>
    public abstract void Reserve(LlmException? after);

    /// <summary>The attempt gave a whole answer.</summary>
    public abstract void Settle(ChatReply reply);

    /// <summary>The attempt gave none.</summary>
    /// <param name="mayBeBilled">Whether the service may bill it all the same.</param>
    public abstract void Fail(bool mayBeBilled);

    /// <summary>The body of a stream that is counted while it is read, and ended where it goes beyond a bound. From here on it is the body that settles what is held.</summary>
    /// <param name="body">The body.</param>
    /// <param name="mediaType">Its media type.</param>
    /// <param name="reported">What the head says that the answer costs.</param>
    public abstract Stream Watch(Stream body, string? mediaType, decimal? reported);
}
