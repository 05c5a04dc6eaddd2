namespace RawLlm;

/// <summary>
/// How long a client waits in each phase of a call. <see cref="Timeout.InfiniteTimeSpan"/>, or 40 days and more, disables a timeout.
/// </summary>
/// <remarks>Every property throws <see cref="ArgumentOutOfRangeException"/> for zero and for other negative values.</remarks>
public sealed record LlmTimeouts
{
    /// <summary>The defaults.</summary>
    public static LlmTimeouts Default { get; } = new();

    /// <summary>
    /// The time to connect, TCP and TLS together. The default is 10 seconds. Applies
    /// to the client's own <see cref="HttpClient"/>, not to one that was passed in.
    /// </summary>
    public TimeSpan Connect
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The time from sending a request, including connecting and uploading, to the head of a
    /// streamed answer. The default is 120 seconds, because a request may be queued first.
    /// </summary>
    public TimeSpan StreamHeaders
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// The time from sending a request, including connecting and uploading, to the head of a whole answer, which arrives when the answer is
    /// complete. The default is 600 seconds. Requests without a body, such as for the list of models, use <see cref="StreamHeaders"/> if it
    /// is shorter.
    /// </summary>
    public TimeSpan ReplyHeaders
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(600);

    /// <summary>
    /// The time from the head of a streamed answer to its first event, while comments or pings
    /// keep arriving. The default is 300 seconds. Without them, <see cref="Idle"/> applies.
    /// </summary>
    public TimeSpan FirstEvent
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(300);

    /// <summary>The time between two bytes of an answer, and from its head to the first byte. The default is 90 seconds.</summary>
    public TimeSpan Idle
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// The time between two pieces of a streamed answer that advance it; comments, pings and empty pieces do not count. The default is 300
    /// seconds.
    /// </summary>
    public TimeSpan Stall
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// The time for a whole answer from start to end, including all attempts, all pages
    /// of a model list, and all batches of embeddings. The default is 600 seconds.
    /// </summary>
    public TimeSpan ReplyDeadline
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(600);

    /// <summary>The time for a streamed answer from start to end. The default is no limit.</summary>
    public TimeSpan StreamDeadline
    {
        get;
        init => field = Checked(value);
    } = Timeout.InfiniteTimeSpan;

    private static TimeSpan Checked(TimeSpan value) =>
        value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                "A timeout must be positive; use Timeout.InfiniteTimeSpan for no limit."
            );
}
