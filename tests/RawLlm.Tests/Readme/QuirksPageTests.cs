using System.Text;
using System.Text.RegularExpressions;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Readme;

/// <summary><c>docs/quirks.md</c> says of each kind of quirk what its own documentation says.</summary>
public sealed partial class QuirksPageTests
{
    private static readonly string PagePath = Path.Combine(Folders.Repository, "docs", "quirks.md");

    // These tell of the request, all others of the answer.
    private static readonly QuirkKind[] OfRequests = [QuirkKind.LeftOut, QuirkKind.Adapted, QuirkKind.SentAgain, QuirkKind.ThoughtsRefused];

    [Fact]
    public void Page_ComparedWithTheKinds_IsTheSame()
    {
        string page = Page();
        // RAWLLM_WRITE_QUIRKS=1 brings the page up to date.
        if (Environment.GetEnvironmentVariable("RAWLLM_WRITE_QUIRKS") == "1")
            File.WriteAllText(PagePath, page);
        Assert.Equal(page, File.ReadAllText(PagePath).ReplaceLineEndings("\n"));
    }

    private static string Page()
    {
        var said = Summaries();
        var kinds = Enum.GetValues<QuirkKind>().Where(kind => kind != QuirkKind.None).OrderBy(kind => kind.ToString(), StringComparer.Ordinal).ToList();
        return """
            # Quirks

            Made from the documentation of `QuirkKind`; a test fails when this page differs from it
            (`RAWLLM_WRITE_QUIRKS=1 dotnet test --filter QuirksPageTests` writes it).

            What a service does otherwise than its wire says, and what of a request it does not take, is tolerated and told: a `Quirk` is a kind and a place, in the wire's own names, as in
            `ToolIndexMissing at choices[].delta.tool_calls`. They stand in `ChatReply.Quirks` and `ChatStream.Quirks`; each kind and place once, however often it came. An answer with quirks is
            whole and usable. `LlmClientOptions.Strict` makes the quirks of answers errors, for tests of a server of one's own. Kinds are added as services are: treat one that you do not know as
            any other.

            ## Of the request

            | kind | what it says |
            |---|---|

            """.ReplaceLineEndings("\n") + Rows(kinds.Where(OfRequests.Contains)) + """

            ## Of the answer

            | kind | what it says |
            |---|---|

            """.ReplaceLineEndings("\n") + Rows(kinds.Where(kind => !OfRequests.Contains(kind)));

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
        string source = File.ReadAllText(Path.Combine(Folders.Repository, "src", "RawLlm", "Chat", "QuirkKind.cs")).ReplaceLineEndings("\n");
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
