namespace RawLlm.Protocols;

/// <summary>The citations of one choice, each once, even if the service repeats it.</summary>
internal sealed class CitationList
{
    private readonly HashSet<byte[]> _known = new(ByteArrayComparer.Instance);
    private RetainedBytes _retained;

    /// <summary>Adds a citation.</summary>
    /// <param name="json">A complete JSON value.</param>
    /// <param name="unit">See <see cref="CitationReader.Read(ReadOnlySpan{byte}, CitedUnit)"/>.</param>
    /// <param name="events">Provides the limits.</param>
    /// <returns>The citation; null if it was added before, byte for byte.</returns>
    public Citation? Add(ReadOnlySpan<byte> json, CitedUnit unit, EventBuffer events)
    {
        byte[] own = json.ToArray();
        if (!_known.Add(own))
            return null;
        _retained.AddCitation(json.Length, events);
        return CitationReader.Read(RawJson.FromChecked(own), unit);
    }

    /// <summary>Adds the citations of one passage, one for each of its sources.</summary>
    /// <param name="json">A complete JSON value.</param>
    /// <param name="unit">See <see cref="CitationReader.Read(ReadOnlySpan{byte}, CitedUnit)"/>.</param>
    /// <param name="citations">Receives the citations; none if the JSON was added before, byte for byte.</param>
    /// <param name="events">Provides the limits.</param>
    public void AddAll(ReadOnlySpan<byte> json, CitedUnit unit, List<Citation> citations, EventBuffer events)
    {
        byte[] own = json.ToArray();
        if (!_known.Add(own))
            return;
        _retained.Add(json.Length, events);
        CitationReader.ReadAll(RawJson.FromChecked(own), unit, citations, events);
    }

    /// <summary>Counts bytes that are kept for the list and returned by it.</summary>
    public void Count(int bytes, EventBuffer events) => _retained.Add(bytes, events);
}
