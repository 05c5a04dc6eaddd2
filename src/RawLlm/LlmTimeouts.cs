namespace RawLlm;

/// <summary>How long a client waits for what. <see cref="Timeout.InfiniteTimeSpan"/>, or 40 days and more, switches one off.</summary>
/// <remarks>Each throws <see cref="ArgumentOutOfRangeException"/> for zero and for any other negative time.</remarks>
public sealed record LlmTimeouts
{
    /// <summary>The defaults.</summary>
    public static LlmTimeouts Default { get; } = new();

    /// <summary>TCP and TLS together; 10 s. Holds for the client's own <see cref="HttpClient"/>, not for one that was handed in.</summary>
    public TimeSpan Connect { get; init => field = Checked(value); } = TimeSpan.FromSeconds(10);

    /// <summary>From handing over a request to the head of a streamed answer, connecting and uploading included; 120 s, because a request may be queued first.</summary>
    public TimeSpan StreamHeaders { get; init => field = Checked(value); } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// From handing over a request to the head of a whole answer, connecting and uploading included, which comes when the answer is ready; 600 s. Requests that ask no model, such as
    /// for the list of models, have the time of <see cref="StreamHeaders"/> where that is shorter.
    /// </summary>
    public TimeSpan ReplyHeaders { get; init => field = Checked(value); } = TimeSpan.FromSeconds(600);

    /// <summary>From the head of a streamed answer to its first event, where comments or pings come meanwhile; 300 s. Silence ends at <see cref="Idle"/>.</summary>
    public TimeSpan FirstEvent { get; init => field = Checked(value); } = TimeSpan.FromSeconds(300);

    /// <summary>Between two bytes of an answer, and from its head to the first; 90 s.</summary>
    public TimeSpan Idle { get; init => field = Checked(value); } = TimeSpan.FromSeconds(90);

    /// <summary>Between two pieces of a streamed answer that bring it forward: comments, pings and empty pieces do not count; 300 s.</summary>
    public TimeSpan Stall { get; init => field = Checked(value); } = TimeSpan.FromSeconds(300);

    /// <summary>A whole answer from beginning to end, all attempts, all pages of a list of models, and all batches of vectors; 600 s.</summary>
    public TimeSpan ReplyDeadline { get; init => field = Checked(value); } = TimeSpan.FromSeconds(600);

    /// <summary>A streamed answer from beginning to end; no limit.</summary>
    public TimeSpan StreamDeadline { get; init => field = Checked(value); } = Timeout.InfiniteTimeSpan;

    private static TimeSpan Checked(TimeSpan value) =>
        value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan ? value
        : throw new ArgumentOutOfRangeException(nameof(value), "A time to wait must be above zero; use Timeout.InfiniteTimeSpan for no limit.");
}
