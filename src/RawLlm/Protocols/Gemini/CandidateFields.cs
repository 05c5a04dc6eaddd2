using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What one event says of one candidate; every member may be missing, and they come in any order.</summary>
internal ref struct CandidateFields
{
    /// <summary>Vertex leaves it out where it is 0, as it does with every number.</summary>
    public int Index;

    /// <summary>The candidate, where its content was read and given at once.</summary>
    public GeminiCandidate? Candidate;

    /// <summary>A reader that stands on the content, where it could not be.</summary>
    public Utf8JsonReader Content;
    public bool HasContent;

    public JsonText Finish;

    /// <summary>True for a number in place of the word for why it ended.</summary>
    public bool IsNumber;
    public JsonText StopMessage;

    public ReadOnlySpan<byte> Grounding;
    public ReadOnlySpan<byte> Citations;
    public bool HasUrls;

    public ReadOnlySpan<byte> LogProbs;
    public double? Average;
}
