using System.Reflection;
using System.Text;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Faults;

/// <summary><c>docs/reliability.md</c> says of each case of the fault catalogue what these tests say of it.</summary>
public sealed class ReliabilityPageTests
{
    private static readonly string PagePath = Path.Combine(Folders.Repository, "docs", "reliability.md");

    [Fact]
    public void Page_ComparedWithTheTests_IsTheSame()
    {
        string page = Page(out int passed, out int all);
        // RAWLLM_WRITE_RELIABILITY=1 brings the page up to date.
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
                table.Append($"\n## {line[2..]}\n\n| # | case | result | shown by |\n|---|---|---|---|\n");
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
            string shown = result.StartsWith("pass", StringComparison.Ordinal) ? string.Join(", ", proofs[number].Select(name => $"`{name}`")) : "";
            table.Append($"| {number} | {title} | {result} | {shown} |\n");
        }
        return $"""
            # What can go wrong, and what then happens

            Made from the tests: each carries the numbers of the cases that it proves, and a test fails when this page differs from them
            (`RAWLLM_WRITE_RELIABILITY=1 dotnet test --filter ReliabilityPageTests` writes it). A case passes when its tests do.

            {passed} of {all} cases pass, {other} do not apply, {open} are open.

            RawLlm never reports a broken answer as a whole one, never sends a request again once a part of its answer was handed on, never
            waits or grows without bound, and never lets a key out. Requests are sent with a profile of the platform's handler of its own:
            no redirects, no cookies, no decompression without bounds, no draining of answers that nobody reads (only of one that is whole the
            end is looked for, behind the caller, for 250 ms), connections that live five minutes at most, and a second HTTP/2 connection where
            the first is full. A connection whose other side has vanished without a word is given up after 45 s: by keep-alive while nothing is on
            its way, and on Linux, except to this machine itself, by TCP_USER_TIMEOUT where sent bytes are not acknowledged or, for as long, not
            taken; HTTP/2 has its pings beside it. There is no switch that ignores certificates: who trusts another root adds it to the operating
            system's store.
            """.ReplaceLineEndings("\n") + "\n" + table;
    }

    // The last bar before a word and a colon ends the title; titles hold bars of their own.
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
