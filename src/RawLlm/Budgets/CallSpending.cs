namespace RawLlm;

/// <summary>Applies the spending limits to the attempts of a client's call. Not thread-safe.</summary>
internal abstract class CallSpending
{
    /// <summary>Reserves what the next attempt may cost, unless that has been done.</summary>
    /// <param name="after">The error that ended the previous attempt; null for the first attempt.</param>
    /// <exception cref="LlmException">The attempt may exceed a limit (<see cref="LlmErrorKind.BudgetExceeded"/>).</exception>
    public abstract void Reserve(LlmException? after);

    /// <summary>Records that the attempt gave a whole answer.</summary>
    public abstract void Settle(ChatReply reply);

    /// <summary>Records that the attempt gave no whole answer.</summary>
    /// <param name="mayBeBilled">Whether the service may bill it anyway.</param>
    public abstract void Fail(bool mayBeBilled);

    /// <summary>
    /// Wraps the body of a stream, so that it is counted while it is read, and ended if it exceeds a limit. From here on, the body settles
    /// what is reserved.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="mediaType">Its media type.</param>
    /// <param name="reported">The cost of the answer according to its head.</param>
    public abstract Stream Watch(Stream body, string? mediaType, decimal? reported);
}
