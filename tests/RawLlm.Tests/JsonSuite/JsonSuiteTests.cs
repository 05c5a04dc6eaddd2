using System.Text;
using System.Text.Json;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.JsonSuite;

/// <summary>
/// Valid and invalid JSON in every place of every wire: the decoders judge it as the platform's <see cref="JsonDocument"/> does.
/// </summary>
/// <remarks>Uses the files of JSONTestSuite if they are present, and always <c>cases.txt</c>, which this project wrote.</remarks>
public sealed class JsonSuiteTests(ITestOutputHelper output)
{
    [Fact]
    [Case(71)]
    public void JsonTestSuite_InEveryPlace_MatchesPlatformParser()
    {
        if (Folders.Existing("jsontestsuite/test_parsing") is not { } folder)
        {
            output.WriteLine("JSONTestSuite is not present: not applicable.");
            return;
        }
        var files = Directory
            .GetFiles(folder, "*.json")
            .Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)))
            .ToList();
        Assert.Equal(318, files.Count);
        Check(files);
        foreach (var (name, json) in files.Where(file => file.Item1[0] is 'y' or 'n'))
            Assert.True(IsJson(json, 64) == (name[0] == 'y'), $"The platform's own verdict on {name} is not the suite's.");
    }

    [Fact]
    [Case(71)]
    public void OwnCases_InEveryPlace_MatchPlatformParser()
    {
        var cases = Cases().ToList();
        Assert.True(cases.Count >= 100, $"{cases.Count} cases");
        foreach (var (verdict, json) in cases)
            Assert.True(IsJson(json, 64) == (verdict == 'y'), $"{verdict} {Encoding.UTF8.GetString(json)}");
        Check([.. cases.Select(entry => ($"{entry.Verdict} {Encoding.UTF8.GetString(entry.Json)}", entry.Json))]);
    }

    private void Check(IReadOnlyList<(string Name, byte[] Json)> files)
    {
        var failures = new List<string>();
        int verdicts = 0;
        foreach (var (name, json) in files)
        {
            bool isJson = IsJson(JsonPlace.Surround(json), 64);
            foreach (var place in JsonPlace.BodiesAndEvents)
                Expect(place, isJson);
            // A line end always ends a line of NDJSON.
            if (!json.AsSpan().ContainsAny((byte)'\n', (byte)'\r'))
                Expect(JsonPlace.OllamaLine, isJson);
            // The arguments are text, in which a byte that is not UTF-8 has become U+FFFD; blank text means no arguments.
            byte[] text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
            foreach (var place in JsonPlace.Arguments)
                Expect(place, IsJson(text, 256) || text.AsSpan().Trim(" \t\r\n"u8).IsEmpty);

            void Expect(JsonPlace place, bool expected)
            {
                verdicts++;
                if (place.Accepts(json) != expected)
                    failures.Add($"{name} as {place.Name}: {(expected ? "refused" : "accepted")}");
            }
        }
        output.WriteLine($"{files.Count} texts, {verdicts} verdicts, {failures.Count} differ");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(40)));
    }

    private static bool IsJson(byte[] json, int depth)
    {
        try
        {
            JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = depth }).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // A line consists of a verdict, a space, and the text, with \xHH for a byte and \\ for a backslash.
    internal static IEnumerable<(char Verdict, byte[] Json)> Cases()
    {
        foreach (string line in File.ReadLines(Path.Combine(Folders.Repository, "tests", "RawLlm.Tests", "JsonSuite", "cases.txt")))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var bytes = new List<byte>();
            byte[] text = Encoding.UTF8.GetBytes(line[2..]);
            for (int i = 0; i < text.Length; i++)
            {
                if (text[i] != '\\')
                {
                    bytes.Add(text[i]);
                }
                else if (text[++i] == '\\')
                {
                    bytes.Add((byte)'\\');
                }
                else
                {
                    bytes.Add(Convert.FromHexString(Encoding.ASCII.GetString(text, i + 1, 2))[0]);
                    i += 2;
                }
            }
            yield return (line[0], [.. bytes]);
        }
    }
}
