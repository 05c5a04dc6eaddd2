namespace RawLlm;

/// <summary>A source that the model cites. Immutable.</summary>
/// <param name="Json">
/// What the service sent, unchanged: an object, or a string with a URL. For Gemini, an object with <c>groundingChunk</c> and
/// <c>groundingSupport</c>.
/// </param>
/// <remarks>A source that supports several passages is cited once for each of them. Values that the service does not send are
/// null.</remarks>
public sealed record Citation(RawJson Json)
{
    /// <summary>The URL of the source, as the service wrote it; it cannot always be opened.</summary>
    public string? Url { get; init; }

    /// <summary>The title of the source, or the name of its file.</summary>
    public string? Title { get; init; }

    /// <summary>The cited text of the source, verbatim.</summary>
    public string? CitedText { get; init; }

    /// <summary>The ID of the cited file or document.</summary>
    public string? FileId { get; init; }

    /// <summary>
    /// Which of the request's documents or search results is cited, counted from 0; for Mistral, the number in the tool result.
    /// </summary>
    public int? DocumentIndex { get; init; }

    /// <summary>
    /// The index in <see cref="Message.Parts"/> of the part that cites the source; null in an event of a stream, which has its own part
    /// index.
    /// </summary>
    public int? PartIndex { get; init; }

    /// <summary>Where the passage that the source supports starts in the text of its part, in UTF-16 code units.</summary>
    /// <remarks>
    /// Null if the service does not send it, if what it sends does not fit the text, and in
    /// an event of a stream: only <see cref="ChatChoice.Citations"/> know the whole text.
    /// </remarks>
    public int? Start { get; init; }

    /// <summary>Where that passage ends, exclusive; null exactly if <see cref="Start"/> is null.</summary>
    public int? End { get; init; }

    /// <summary>The service's own position, from which <see cref="Start"/> and <see cref="End"/> are calculated.</summary>
    internal CitedPlace Place { get; init; }

    /// <summary>Returns the title and the URL, or whatever else identifies the source.</summary>
    public override string ToString() =>
        Title is not null && Url is not null
            ? $"{Title} ({Url})"
            : Title ?? Url ?? FileId ?? (DocumentIndex is { } index ? $"document {index}" : "");
}
