namespace RawLlm.Protocols;

/// <summary>A source that <c>groundingChunks</c> lists, or a passage that <c>groundingSupports</c> lists.</summary>
/// <param name="number">Distinguishes it from the candidate's other sources and passages.</param>
/// <param name="json">Its JSON, without white space between the tokens.</param>
/// <param name="part">The number of the text part that it arrived for first.</param>
internal sealed class GroundingEntry(int number, byte[] json, int part)
{
    public int Number => number;

    public byte[] Json => json;

    public int Part => part;

    /// <summary>Whether it was listed as a source.</summary>
    public bool IsListed { get; set; }

    /// <summary>Whether a source supports a passage, so that it is not emitted without one.</summary>
    public bool IsCited { get; set; }
}
