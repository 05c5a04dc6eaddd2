namespace RawLlm;

/// <summary>
/// How a chain continues a stream that breaks after some of its answer was delivered (<see cref="FallbackOptions.StreamFailover"/>).
/// </summary>
/// <remarks>
/// The seam is an event of its own, <see cref="StreamEventKind.Switched"/>. If the next service is known to continue a given beginning of
/// an answer, it is sent the text so far and the text continues; otherwise the answer starts over. Both attempts are paid for.
/// docs/fallback.md explains what is continued, and what is never joined.
/// </remarks>
public sealed record StreamFailover : IStreamSeamSource
{
    /// <summary>Continues the text if possible, and otherwise starts over.</summary>
    public static StreamFailover Default { get; } = new();

    /// <summary>Whether the text so far is sent to a service that can continue it. The default is true.</summary>
    public bool AllowContinuation { get; init; } = true;

    /// <summary>
    /// Whether the answer may start over, so that the reader has to discard what came before the seam. The default is true.
    /// <see cref="FallbackChain.StreamTextAsync"/>, which cannot show a seam, never starts over.
    /// </summary>
    public bool AllowRestart { get; init; } = true;

    StreamSeams IStreamSeamSource.Begin(FallbackCall call, bool showsSeams, CancellationToken cancellationToken) =>
        new SeamedCall(call, AllowContinuation, AllowRestart && showsSeams, cancellationToken);
}
