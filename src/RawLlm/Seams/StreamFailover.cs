namespace RawLlm;

/// <summary>How a chain goes on with a stream that breaks after something of its answer was handed on (<see cref="FallbackOptions.StreamFailover"/>).</summary>
/// <remarks>
/// The seam is an event of its own, <see cref="StreamEventKind.Switched"/>. Where the next service is known to go on from the beginning of an answer, it is sent the text so
/// far and the text continues; elsewhere the answer begins anew. Both attempts are paid. docs/fallback.md tells what is continued, and what is never joined.
/// </remarks>
public sealed record StreamFailover : IStreamSeamSource
{
    /// <summary>Continues where that is possible, and begins anew elsewhere.</summary>
    public static StreamFailover Default { get; } = new();

    /// <summary>Whether the text so far is given to a service that can go on from it; true.</summary>
    public bool Continues { get; init; } = true;

    /// <summary>Whether the answer may begin anew, so that what was handed on before the seam is to be forgotten; true. <see cref="FallbackChain.StreamTextAsync"/>, which can show no seam, never begins anew.</summary>
    public bool Restarts { get; init; } = true;

    StreamSeams IStreamSeamSource.Begin(FallbackCall call, bool showsSeams, CancellationToken cancellationToken) => new SeamedCall(call, Continues, Restarts && showsSeams, cancellationToken);
}
