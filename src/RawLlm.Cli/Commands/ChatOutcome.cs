namespace RawLlm.Cli.Commands;

/// <summary>What became of one question.</summary>
internal sealed record ChatOutcome
{
    /// <summary>The answer, whole or as far as it came; null when there was none.</summary>
    public ChatReply? Reply { get; init; }

    /// <summary>True when something of the answer itself came.</summary>
    public bool HasContent { get; init; }

    /// <summary>How many events of the wire the answer took; null when that is not known.</summary>
    public long? Events { get; init; }

    /// <summary>Why the answer is not whole; null when it is, or when the call was cancelled.</summary>
    public LlmException? Error { get; init; }

    /// <summary>True when the call was cancelled.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>The answer, where there is anything to be said about it.</summary>
    public ChatReply? Told => HasContent || Reply?.Usage is not null ? Reply : null;

    /// <summary>What the program tells its caller of it.</summary>
    public int Code => Error is null ? ExitCode.Ok : HasContent || IsBroken(Error) ? ExitCode.Incomplete : ExitCode.Failed;

    // An answer had begun: its head was there.
    private static bool IsBroken(LlmException e) =>
        e.Kind == LlmErrorKind.StreamTruncated
        || (e.Phase == LlmPhase.Streaming && (e.CauseKind ?? e.Kind) is LlmErrorKind.ConnectionLost or LlmErrorKind.IdleTimeout or LlmErrorKind.StallTimeout or LlmErrorKind.DeadlineExceeded);
}
