namespace RawLlm.Protocols;

/// <summary>The citations of one choice, each once, however often the service says it.</summary>
internal sealed class CitationList
{
    private readonly HashSet<byte[]> _known = new(SameBytes.Instance);
    private RetainedBytes _retained;

    /// <summary>Takes a citation.</summary>
    /// <param name="json">A whole JSON value.</param>
    /// <param name="unit">As in <see cref="CitationReader.Read(ReadOnlySpan{byte}, CitedUnit)"/>.</param>
    /// <param name="events">Tells the limits.</param>
    /// <returns>Null where it was said before, byte for byte.</returns>
    public Citation? Add(ReadOnlySpan<byte> json, CitedUnit unit, EventBuffer events)
    {
        byte[] own = json.ToArray();
        if (!_known.Add(own))
            return null;
        _retained.AddCitation(json.Length, events);
        return CitationReader.Read(RawJson.FromChecked(own), unit);
    }

    /// <summary>Takes what is said of one passage, which may have several sources: a citation for each of them.</summary>
    /// <param name="json">A whole JSON value.</param>
    /// <param name="unit">As in <see cref="CitationReader.Read(ReadOnlySpan{byte}, CitedUnit)"/>.</param>
    /// <param name="citations">Takes the citations; none where it was said before, byte for byte.</param>
    /// <param name="events">Tells the limits.</param>
    public void AddAll(ReadOnlySpan<byte> json, CitedUnit unit, List<Citation> citations, EventBuffer events)
    {
        byte[] own = json.ToArray();
        if (!_known.Add(own))
            return;
        _retained.Add(json.Length, events);
        CitationReader.ReadAll(RawJson.FromChecked(own), unit, citations, events);
    }

    /// <summary>Counts what was kept for the list and is given by it.</summary>
    public void Count(int bytes, EventBuffer events) => _retained.Add(bytes, events);
}
