using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members that one event contains for one candidate. All are optional and may come in any order.</summary>
internal ref struct CandidateFields
{
    /// <summary>The index; -1 if it is missing.</summary>
    public int Index;

    /// <summary>The candidate, if its content was read immediately.</summary>
    public GeminiCandidate? Candidate;

    /// <summary>A reader on the content, if the content has not been read yet.</summary>
    public Utf8JsonReader Content;
    public bool HasContent;

    public JsonText Finish;

    /// <summary>Whether the finish reason is a number instead of a word.</summary>
    public bool IsNumber;
    public JsonText StopMessage;

    public ReadOnlySpan<byte> Grounding;
    public ReadOnlySpan<byte> Citations;
    public bool HasUrls;

    public ReadOnlySpan<byte> LogProbs;
    public double? Average;

    /// <summary>Sets a missing index.</summary>
    /// <param name="missing">What a missing index means: 0, which Vertex omits as it does with every number, or the position of a candidate
    /// after another one with that index.</param>
    /// <param name="events">Receives the quirk.</param>
    public void SettleIndex(int missing, EventBuffer events)
    {
        if (Index >= 0)
            return;
        Index = missing;
        if (missing > 0)
            events.Note(QuirkKind.ChoiceIndexMissing, "candidates[].index");
    }
}
