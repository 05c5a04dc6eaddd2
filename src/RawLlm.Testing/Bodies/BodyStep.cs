namespace RawLlm.Testing;

/// <summary>One thing that happens to a body that is read; behind the last one the body ends.</summary>
/// <param name="Kind">Which.</param>
internal readonly record struct BodyStep(BodyStepKind Kind)
{
    /// <summary>What comes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>How long nothing comes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Makes what is thrown.</summary>
    public Func<Exception>? Failure { get; init; }

    public static BodyStep Send(ReadOnlyMemory<byte> bytes) => new(BodyStepKind.Bytes) { Bytes = bytes };

    public static BodyStep Wait(TimeSpan delay) => new(BodyStepKind.Wait) { Delay = delay };

    public static BodyStep WaitForever { get; } = new(BodyStepKind.WaitForever);

    public static BodyStep Fail(Func<Exception> failure) => new(BodyStepKind.Fail) { Failure = failure };
}
