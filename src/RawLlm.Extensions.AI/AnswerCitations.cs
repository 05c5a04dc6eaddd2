using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Gives the sources of an answer as annotations of the texts that cite them.</summary>
internal static class AnswerCitations
{
    /// <summary>Annotates the contents of a whole answer, each of which stands for the part of its number.</summary>
    /// <remarks>What cites no part annotates the last text; without any it is given as <see cref="Gather"/> gives it.</remarks>
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

    /// <summary>Sources that are told behind the texts that cite them: a content without words for each text.</summary>
    public static IEnumerable<AIContent> Gather(IReadOnlyList<Citation> citations)
    {
        foreach (var group in citations.GroupBy(static citation => citation.PartIndex))
            yield return new AIContent { Annotations = [.. group.Select(Write)] };
    }

    /// <summary>True for a content that tells of sources and says nothing of its own.</summary>
    public static bool IsGathered(AIContent content) => content.GetType() == typeof(AIContent) && content.Annotations is { Count: > 0 };

    private static AIAnnotation Write(Citation citation) => new CitationAnnotation
    {
        Url = Uri.TryCreate(citation.Url, UriKind.Absolute, out var url) ? url : null,
        Title = citation.Title,
        Snippet = citation.CitedText,
        FileId = citation.FileId,
        AnnotatedRegions = citation is { Start: { } start, End: { } end } ? [new TextSpanAnnotatedRegion { StartIndex = start, EndIndex = end }] : null,
        RawRepresentation = citation,
    };
}
