using System.Text;
using System.Text.RegularExpressions;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Readme;

/// <summary><c>docs/quirks.md</c> describes each kind of quirk as its XML documentation does.</summary>
public sealed partial class QuirksPageTests
{
    private static readonly string PagePath = Path.Combine(Folders.Repository, "docs", "quirks.md");

    // These concern the request, all others the answer.
    private static readonly QuirkKind[] OfRequests =
    [
        QuirkKind.LeftOut,
        QuirkKind.Adapted,
        QuirkKind.SentAgain,
        QuirkKind.ReasoningRefused,
        QuirkKind.MemberRefused,
    ];

    [Fact]
    public void QuirksPage_ComparedWithXmlDocumentation_IsUpToDate()
    {
        string page = Page();
        // RAWLLM_WRITE_QUIRKS=1 updates the page.
        if (Environment.GetEnvironmentVariable("RAWLLM_WRITE_QUIRKS") == "1")
            File.WriteAllText(PagePath, page);
        Assert.Equal(page, File.ReadAllText(PagePath).ReplaceLineEndings("\n"));
    }

    private static string Page()
    {
        var said = Summaries();
        var kinds = Enum.GetValues<QuirkKind>()
            .Where(kind => kind != QuirkKind.None)
            .OrderBy(kind => kind.ToString(), StringComparer.Ordinal)
            .ToList();
        return """
                # Quirks

                RawLlm tolerates and records what a service does differently from what its wire prescribes, and what could not be sent
                to it unchanged. A `Quirk` has a kind and a place, in the wire's own names, such as
                `ToolIndexMissing at choices[].delta.tool_calls`.

                - `ChatReply.Quirks` and `ChatStream.Quirks` list them: each kind and place once, however often it occurred.
                - An answer with quirks is complete and usable.
                - `LlmClientOptions.Strict` turns the quirks of answers into errors, for tests of your own server.
                - Kinds are added as services are: treat an unknown one like any other.

                This page is generated from the documentation of `QuirkKind`, and a test compares the two. To update it, run
                `RAWLLM_WRITE_QUIRKS=1 dotnet test --filter QuirksPageTests`.

                ## Changes to the request

                | Kind | Meaning |
                |---|---|

                """.ReplaceLineEndings("\n")
            + Rows(kinds.Where(OfRequests.Contains))
            + """

                ## Deviations in the answer

                | Kind | Meaning |
                |---|---|

                """.ReplaceLineEndings("\n")
            + Rows(kinds.Where(kind => !OfRequests.Contains(kind)));

        string Rows(IEnumerable<QuirkKind> kinds)
        {
            var rows = new StringBuilder();
            foreach (var kind in kinds)
                rows.Append($"| `{kind}` | {said[kind.ToString()]} |\n");
            return rows.ToString();
        }
    }

    private static Dictionary<string, string> Summaries()
    {
        string source = File.ReadAllText(Path.Combine(Folders.Repository, "src", "RawLlm", "Chat", "QuirkKind.cs"))
            .ReplaceLineEndings("\n");
        return Member().Matches(source).ToDictionary(match => match.Groups[2].Value, match => Text(match.Groups[1].Value));
    }

    private static string Text(string xml)
    {
        string text = LineStart().Replace(xml, " ").Trim();
        text = Reference().Replace(text, "`$1`");
        return text.Replace("<c>", "`", StringComparison.Ordinal).Replace("</c>", "`", StringComparison.Ordinal);
    }

    [GeneratedRegex("<summary>((?:(?!</summary>).)*)</summary>\n    ([A-Za-z0-9]+),", RegexOptions.Singleline)]
    private static partial Regex Member();

    [GeneratedRegex(@"\s*\n\s*///\s*")]
    private static partial Regex LineStart();

    [GeneratedRegex("<see cref=\"([^\"]*)\"/>")]
    private static partial Regex Reference();
}
