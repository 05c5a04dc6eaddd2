using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.JsonSuite;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Protocols;

/// <summary>The platform's reader decides what is JSON and what is not.</summary>
public sealed class JsonValidityTests(ITestOutputHelper output)
{
    private const int Cases = 60_000;
    private const int Seed = 20261123;

    private static readonly string[] Strings =
    [
        "a",
        "words that go on for a while, and then some more of them",
        "é",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b\\f\\r\\t",
        "\\u00e9",
        "\\uD83D",
        "{",
        "]",
        " ",
        "\u007f",
        "\\u12",
        "\\x",
        "\u001f",
    ];

    private static readonly string[] Scalars =
    [
        "0",
        "-1",
        "12.5e-3",
        "1E9",
        "true",
        "false",
        "null",
        "\"\"",
        "{}",
        "[]",
        "01",
        "-",
        "1.",
        "tru",
        "nul",
        "+1",
        "NaN",
    ];

    [Fact]
    public void IsWhole_JsonTestSuite_MatchesUtf8JsonReader()
    {
        var cases = JsonSuiteTests.Cases().Select(entry => (Name: Encoding.UTF8.GetString(entry.Json), entry.Json)).ToList();
        if (Folders.Existing("jsontestsuite/test_parsing") is { } folder)
            cases.AddRange(Directory.GetFiles(folder, "*.json").Select(path => (Path.GetFileName(path), File.ReadAllBytes(path))));
        Assert.NotEmpty(cases);
        foreach (var (name, json) in cases)
        {
            Check(json, name);
            var random = new SplitMix64((ulong)json.Length);
            for (int i = 0; i < 20 && json.Length is > 0 and < 4096; i++)
                Check(Damage(json, ref random), $"{name}, damaged, {i}");
        }
    }

    [Fact]
    public void IsWhole_RandomAndDamagedValues_MatchesUtf8JsonReader()
    {
        var random = new SplitMix64(Seed);
        int whole = 0;
        for (int i = 0; i < Cases; i++)
        {
            var text = new StringBuilder();
            Write(text, ref random, 0, isSound: i % 4 != 0);
            byte[] json = Encoding.UTF8.GetBytes(text.ToString());
            if (random.Below(3) == 0)
                json = Damage(json, ref random);
            whole += Check(json, $"seed {Seed}, case {i}") ? 1 : 0;
        }
        output.WriteLine($"{whole} of {Cases} whole");
        Assert.InRange(whole, Cases / 5, Cases * 4 / 5);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    public void IsWhole_DeeplyNestedValues_MatchesUtf8JsonReader(int depth)
    {
        Check(Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth)), "arrays");
        Check(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth)), "objects");
        Check(
            Encoding.UTF8.GetBytes(
                string.Concat(Enumerable.Range(0, depth).Select(i => i % 3 == 0 ? "[" : "{\"a\":"))
                    + "1"
                    + string.Concat(Enumerable.Range(0, depth).Reverse().Select(i => i % 3 == 0 ? "]" : "}"))
            ),
            "both"
        );
    }

    [Fact]
    public void IsWhole_EscapeAtEveryPosition_MatchesUtf8JsonReader()
    {
        string[] escapes =
        [
            "\\n",
            "\\\"",
            "\\\\",
            "\\\\\\\"",
            "\\/\\b\\f\\r\\t",
            "\\u8a9E\\u00e9",
            "\\uD83D\\uDE00\\\\\\u0041",
            "\\",
            "\\\\\\",
            "\\\n",
            "\\x",
            "\\u12",
            "\\u00e9\\u0g41",
            "\\u",
            "\\\u00e9",
        ];
        for (int at = 0; at < 100; at++)
        {
            foreach (string escape in escapes)
                Check(Encoding.UTF8.GetBytes($"[\"{new string('a', at)}{escape}{new string('a', 100 - at)}\",\"\\\\\"]"), "one");
        }
    }

    private static bool Check(byte[] json, string what)
    {
        bool isWhole = JsonValidity.IsWhole(json, 256);
        string place = $"{what}: {Convert.ToHexString(json.AsSpan(0, Math.Min(json.Length, 2000)))}";
        Assert.True(ByReader(json, 256) == isWhole, place);
        Assert.True(ByReader(json, 64) == JsonValidity.IsWhole(json, 64), place);
        return isWhole;
    }

    private static bool ByReader(byte[] json, int depth)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depth });
            if (!reader.Read())
                return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Damage(byte[] json, ref SplitMix64 random)
    {
        if (json.Length == 0)
            return json;
        int at = random.Below(json.Length);
        switch (random.Below(4))
        {
            case 0:
                byte[] changed = [.. json];
                changed[at] = random.Below(2) == 0 ? (byte)random.Below(256) : "{}[],:\"\\ 0-.eEu\n\t"u8[random.Below(17)];
                return changed;
            case 1:
                return json[..at];
            case 2:
                return [.. json[..at], .. json[(at + 1)..]];
            default:
                return [.. json, .. json[at..]];
        }
    }

    private static void Write(StringBuilder text, ref SplitMix64 random, int depth, bool isSound)
    {
        Space(text, ref random);
        int kind = random.Below(depth > 5 ? 4 : 8);
        if (kind < 2)
        {
            text.Append(Scalars[random.Below(isSound ? 10 : Scalars.Length)]);
        }
        else if (kind < 4)
        {
            WriteString(text, ref random, isSound);
        }
        else
        {
            bool isObject = kind < 6;
            text.Append(isObject ? '{' : '[');
            Space(text, ref random);
            int count = random.Below(4);
            for (int i = 0; i < count; i++)
            {
                if (isObject)
                {
                    WriteString(text, ref random, isSound);
                    Space(text, ref random);
                    text.Append(':');
                }
                Write(text, ref random, depth + 1, isSound);
                text.Append(i + 1 < count ? "," : "");
                Space(text, ref random);
            }
            text.Append(isObject ? '}' : ']');
        }
        Space(text, ref random);
    }

    private static void WriteString(StringBuilder text, ref SplitMix64 random, bool isSound)
    {
        text.Append('"');
        for (int n = random.Below(random.Below(8) == 0 ? 40 : 5); n > 0; n--)
            text.Append(Strings[random.Below(isSound ? Strings.Length - 3 : Strings.Length)]);
        text.Append('"');
    }

    private static void Space(StringBuilder text, ref SplitMix64 random)
    {
        for (int n = random.Below(5) == 0 ? random.Below(4) : 0; n > 0; n--)
            text.Append(" \n\r\t"[random.Below(4)]);
    }
}
