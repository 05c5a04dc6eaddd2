using System.Reflection;
using System.Text;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Faults;

/// <summary><c>docs/reliability.md</c> lists for each case of the fault catalog which tests prove it.</summary>
public sealed class ReliabilityPageTests
{
    private static readonly string PagePath = Path.Combine(Folders.Repository, "docs", "reliability.md");

    [Fact]
    public void ReliabilityPage_ComparedWithTests_IsUpToDate()
    {
        string page = Page(out int passed, out int all);
        // RAWLLM_WRITE_RELIABILITY=1 updates the page.
        if (Environment.GetEnvironmentVariable("RAWLLM_WRITE_RELIABILITY") == "1")
            File.WriteAllText(PagePath, page);
        Assert.Equal(page, File.ReadAllText(PagePath).ReplaceLineEndings("\n"));
        Assert.Equal(168, all);
        Assert.True(passed >= 160, $"{passed} of {all} cases are proven.");
    }

    private static string Page(out int passed, out int all)
    {
        var proofs = Proofs();
        var table = new StringBuilder();
        passed = all = 0;
        int open = 0;
        int other = 0;
        foreach (string line in File.ReadAllLines(Path.Combine(Folders.Repository, "tests", "RawLlm.Tests", "Faults", "cases.txt")))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
                table.Append($"\n### {line[2..]}\n\n| # | case | result | tests |\n|---|---|---|---|\n");
            if (line.Split('|', 2) is not [var start, var rest] || !int.TryParse(start, out int number))
                continue;
            all++;
            Assert.Equal(all, number);
            var (title, note) = Parts(rest);
            string result;
            if (note.StartsWith("n/a: ", StringComparison.Ordinal))
            {
                other++;
                result = $"not applicable: {note[5..]}";
            }
            else if (proofs.TryGetValue(number, out var tests) && !note.StartsWith("open: ", StringComparison.Ordinal))
            {
                passed++;
                result = note.StartsWith("note: ", StringComparison.Ordinal) ? $"pass; {note[6..]}" : "pass";
            }
            else
            {
                open++;
                result = note.StartsWith("open: ", StringComparison.Ordinal) ? $"open: {note[6..]}" : "open: no test yet";
            }
            string shown = result.StartsWith("pass", StringComparison.Ordinal)
                ? string.Join(", ", proofs[number].Select(name => $"`{name}`"))
                : "";
            table.Append($"| {number} | {title} | {result} | {shown} |\n");
        }
        return $"""
                # What can go wrong, and what happens then

                RawLlm never reports a broken answer as complete, never sends a request again once part of its answer was returned to
                the caller (unless a fallback chain has `StreamFailover`), never waits or grows without limit, and never exposes a key.

                It sends requests with its own settings of the platform's handler:

                - No redirects, no cookies, and no decompression without limits.
                - Unread answers are not drained. Only after a complete answer does the client look for the end of the body, in the
                  background, for 250 ms.
                - A connection lives five minutes at most. HTTP/2 opens a second connection when the first is full.
                - A connection whose other side has silently disappeared is given up after 45 s: by keep-alive while nothing is in flight,
                  and on Linux, except to this machine itself, by TCP_USER_TIMEOUT when sent bytes are not acknowledged or not accepted for
                  that long. HTTP/2 uses its pings as well.
                - There is no switch that ignores certificates. To trust another root, add it to the operating system's store.

                ## Cases

                {passed} of {all} cases pass, {other} do not apply, {open} are open. A case passes when its tests pass.

                The tables are generated: each test carries the numbers of the cases that it proves, and a test fails if this page is out
                of date (`RAWLLM_WRITE_RELIABILITY=1 dotnet test --filter ReliabilityPageTests` updates it).
                """.ReplaceLineEndings("\n")
            + "\n"
            + table;
    }

    // Titles can contain bars: the last bar before a known word and a colon ends the title.
    private static (string Title, string Note) Parts(string rest)
    {
        foreach (string mark in (string[])["|note: ", "|open: ", "|n/a: "])
        {
            int at = rest.LastIndexOf(mark, StringComparison.Ordinal);
            if (at >= 0)
                return (rest[..at], rest[(at + 1)..]);
        }
        return (rest, "");
    }

    private static SortedDictionary<int, SortedSet<string>> Proofs()
    {
        var proofs = new SortedDictionary<int, SortedSet<string>>();
        foreach (var method in typeof(ReliabilityPageTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()))
        {
            foreach (int number in method.GetCustomAttributes<CaseAttribute>().SelectMany(attribute => attribute.Numbers))
                Add(number, $"{method.DeclaringType!.Name}.{method.Name}");
        }
        foreach (int number in CatalogueWireCaseTests.Proofs.Keys)
            Add(number, $"{nameof(CatalogueWireCaseTests)}");
        return proofs;

        void Add(int number, string name)
        {
            if (!proofs.TryGetValue(number, out var names))
                proofs[number] = names = new SortedSet<string>(StringComparer.Ordinal);
            names.Add(name);
        }
    }
}
