namespace RawLlm.Testing;

/// <summary>One step in the delivery of a response body; the body ends after the last step.</summary>
/// <param name="Kind">The kind of step.</param>
internal readonly record struct BodyStep(BodyStepKind Kind)
{
    /// <summary>The bytes to deliver.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>How long the body stays silent.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Creates the exception to throw.</summary>
    public Func<Exception>? Failure { get; init; }

    public static BodyStep Send(ReadOnlyMemory<byte> bytes) => new(BodyStepKind.Bytes) { Bytes = bytes };

    public static BodyStep Wait(TimeSpan delay) => new(BodyStepKind.Wait) { Delay = delay };

    public static BodyStep WaitForever { get; } = new(BodyStepKind.WaitForever);

    public static BodyStep Fail(Func<Exception> failure) => new(BodyStepKind.Fail) { Failure = failure };
}
