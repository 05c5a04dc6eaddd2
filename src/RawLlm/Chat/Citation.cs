namespace RawLlm;

/// <summary>A source that the model cites. Immutable.</summary>
/// <param name="Json">What the service said of it, as it came: an object, or the text of an address. For Gemini an object of two, <c>groundingChunk</c> and <c>groundingSupport</c>.</param>
/// <remarks>A source that bears out several passages is cited once for each. What a service does not say is null.</remarks>
public sealed record Citation(RawJson Json)
{
    /// <summary>The address of the source, as the service wrote it; not always one that can be opened.</summary>
    public string? Url { get; init; }

    /// <summary>The title of the source, or the name of its file.</summary>
    public string? Title { get; init; }

    /// <summary>What the source says, in its own words.</summary>
    public string? CitedText { get; init; }

    /// <summary>The id of the file or document that is cited.</summary>
    public string? FileId { get; init; }

    /// <summary>Which of the documents or search results of the request is cited, from 0; for Mistral the number that the result of a function gave it.</summary>
    public int? DocumentIndex { get; init; }

    /// <summary>The number of the cited part among <see cref="Message.Parts"/>; null in an event of a stream, which has its own number of it.</summary>
    public int? PartIndex { get; init; }

    /// <summary>Where the passage that the source bears out begins in the text of its part, in UTF-16 units.</summary>
    /// <remarks>Null where the service does not say it, where what it says does not fit the text, and in an event of a stream: only <see cref="ChatChoice.Citations"/> know the whole text.</remarks>
    public int? Start { get; init; }

    /// <summary>Where that passage ends, exclusive; null exactly where <see cref="Start"/> is.</summary>
    public int? End { get; init; }

    /// <summary>What <see cref="Start"/> and <see cref="End"/> are found from.</summary>
    internal CitedPlace Place { get; init; }

    /// <summary>Title and address, or what else tells the source.</summary>
    public override string ToString() =>
        Title is not null && Url is not null ? $"{Title} ({Url})" : Title ?? Url ?? FileId ?? (DocumentIndex is { } index ? $"document {index}" : "");
}
