using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Converts the citations of an answer to annotations of the texts that contain them.</summary>
internal static class AnswerCitations
{
    /// <summary>Annotates the contents of a whole answer; their order is that of the parts.</summary>
    /// <remarks>A citation without a text part annotates the last text. If there is no text, it becomes a content from
    /// <see cref="Gather"/>.</remarks>
    public static void Annotate(List<AIContent> contents, IReadOnlyList<Citation> citations)
    {
        if (citations.Count == 0)
            return;
        var last = contents.FindLast(static content => content is TextContent);
        List<Citation>? placeless = null;
        foreach (var citation in citations)
        {
            var cited = citation.PartIndex is { } part && part < contents.Count && contents[part] is TextContent text ? text : last;
            if (cited is null)
                (placeless ??= []).Add(citation);
            else
                (cited.Annotations ??= []).Add(Write(citation));
        }
        if (placeless is not null)
            contents.AddRange(Gather(placeless));
    }

    /// <summary>Returns citations that arrive after their texts: for each text, one content without text.</summary>
    public static IEnumerable<AIContent> Gather(IReadOnlyList<Citation> citations)
    {
        foreach (var group in citations.GroupBy(static citation => citation.PartIndex))
            yield return new AIContent { Annotations = [.. group.Select(Write)] };
    }

    /// <summary>Returns whether a content only carries citations.</summary>
    public static bool IsGathered(AIContent content) => content.GetType() == typeof(AIContent) && content.Annotations is { Count: > 0 };

    private static AIAnnotation Write(Citation citation) =>
        new CitationAnnotation
        {
            Url = Uri.TryCreate(citation.Url, UriKind.Absolute, out var url) ? url : null,
            Title = citation.Title,
            Snippet = citation.CitedText,
            FileId = citation.FileId,
            AnnotatedRegions = citation is { Start: { } start, End: { } end }
                ? [new TextSpanAnnotatedRegion { StartIndex = start, EndIndex = end }]
                : null,
            RawRepresentation = citation,
        };
}
