namespace RawLlm;

/// <summary>A seam of a streamed answer: it broke at one service and another took over (<see cref="StreamFailover"/>).</summary>
/// <param name="From">The provider and model whose answer broke, formatted as in <see cref="LlmAttempt.Endpoint"/>.</param>
/// <param name="To">The provider and model that took over.</param>
/// <param name="Failure">The error that broke the answer.</param>
/// <param name="IsContinued">True if the text continues exactly where it broke; false if the answer starts over, and what came before the
/// seam is not part of it.</param>
public sealed record StreamSwitch(string From, string To, LlmException Failure, bool IsContinued)
{
    /// <summary>
    /// The number of characters of the answer's text that were delivered before the seam: those that stay, or those to discard.
    /// </summary>
    public int Characters { get; init; }

    /// <summary>The number of the answer's events that were delivered before the seam, since its beginning or the last restart.</summary>
    public long Events { get; init; }

    /// <summary>The usage of the broken attempt, as far as its service had reported it; null if it had not.</summary>
    public Usage? Usage { get; init; }

    /// <summary>
    /// The cost of the broken attempt according to that usage; null if it is not known, although the service may bill it.
    /// </summary>
    public Cost? Cost { get; init; }
}
