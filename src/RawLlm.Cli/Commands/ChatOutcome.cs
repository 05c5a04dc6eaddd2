namespace RawLlm.Cli.Commands;

/// <summary>The outcome of one question.</summary>
internal sealed record ChatOutcome
{
    /// <summary>The answer, complete or as far as it arrived; null if there was none.</summary>
    public ChatReply? Reply { get; init; }

    /// <summary>Whether any part of the answer itself arrived.</summary>
    public bool HasContent { get; init; }

    /// <summary>The number of wire events in the answer; null if unknown.</summary>
    public long? Events { get; init; }

    /// <summary>Why the answer is incomplete; null if it is complete or the call was canceled.</summary>
    public LlmException? Error { get; init; }

    /// <summary>Whether the call was canceled.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>The answer, if there is anything to report about it; otherwise null.</summary>
    public ChatReply? ReportedReply => HasContent || Reply?.Usage is not null ? Reply : null;

    /// <summary>The exit code.</summary>
    public int Code =>
        Error is null ? ExitCode.Ok
        : HasContent || IsBroken(Error) ? ExitCode.Incomplete
        : ExitCode.Failed;

    // The answer had begun: its head had arrived.
    private static bool IsBroken(LlmException e) =>
        e.Kind == LlmErrorKind.StreamTruncated
        || (
            e.Phase == LlmPhase.Streaming
            && (e.CauseKind ?? e.Kind)
                is LlmErrorKind.ConnectionLost
                    or LlmErrorKind.IdleTimeout
                    or LlmErrorKind.StallTimeout
                    or LlmErrorKind.DeadlineExceeded
        );
}
