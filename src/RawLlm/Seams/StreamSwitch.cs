namespace RawLlm;

/// <summary>A seam of a streamed answer: it broke at one service and went on at another (<see cref="StreamFailover"/>).</summary>
/// <param name="From">Provider and model of what broke, as <see cref="LlmAttempt.Endpoint"/> writes them.</param>
/// <param name="To">Provider and model of what goes on.</param>
/// <param name="Failure">What broke the answer.</param>
/// <param name="IsContinued">True where the text goes on exactly where it broke; false where the answer begins anew, and what came before the seam is no part of it.</param>
public sealed record StreamSwitch(string From, string To, LlmException Failure, bool IsContinued)
{
    /// <summary>How many characters of the answer's text had been handed on before the seam: those that stay, or those that are to be forgotten.</summary>
    public int Characters { get; init; }

    /// <summary>How many events of the answer had been handed on before the seam, since its beginning or the last restart.</summary>
    public long Events { get; init; }

    /// <summary>What the broken attempt had used, as far as its service had said so; null where it had not.</summary>
    public Usage? Usage { get; init; }

    /// <summary>What the broken attempt cost by that usage; null where it is not known, though the service may bill it.</summary>
    public Cost? Cost { get; init; }
}
