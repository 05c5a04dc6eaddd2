using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>JSON that a server may send, valid and not: the verdict is that of the platform's own document, wherever it stands.</summary>
public sealed class JsonSuiteTests(ITestOutputHelper output)
{
    private static readonly ChatCompletionsProtocol Chat = new();

    // Own cases, for where the public suite is not present: each is used in all three positions.
    private static readonly string[] Own =
    [
        "{}", "[]", "null", "true", "false", "0", "-0", "1", "-1", "1.5", "1e5", "1E+5", "1e-5", "\"\"", "\"a\"", "\"\\u0041\"", "\"\\ud83d\\ude00\"", "[1,2]", "[[]]", "{\"a\":1}",
        "{\"a\":{\"b\":[1,{}]}}", " {} ", "\t[1]\n", "{\"a\":1,\"a\":2}", "\"\\\\\"", "\"\\\"\"", "\"\\/\"", "\"\\b\\f\\n\\r\\t\"", "123456789012345678901234567890", "0.1", "[null,true,false]",
        "{\"\":0}", "\"\u007f\"", "\"é\"", "\"日本\"", "[1e400]", "[-1e-400]", "{\"a\":[]}", "[\"\\u0000\"]", "[\"\\uD800\\uDC00\"]",
        "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}",
        "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "Infinity", "NaN", "nul", "tru", "True", "nullx", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u123g\"", "\"\n\"", "\"\t\"", "\"\u0001\"",
        "// a\n{}", "/* a */ {}", "{} // a", "{} {}", "[] []", "1 2", "{}x", "[]]", "{}}", "[1 2]", "[\"a\" \"b\"]", "[1;2]", "\uFEFF{}", "{\"a\":undefined}", "[--1]", "[1-]", "[1e1e1]", "[\"a\",\"]", "{\"a\":\"b}", "[{}", "{[]}", "[}", "{]", "<a/>", "\\u0041", "`a`",
    ];

    [Fact]
    [Case(71)]
    public void Own_InEveryPosition_HasThePlatformsVerdict()
    {
        Assert.True(Own.Length >= 100, $"{Own.Length} cases");
        Check(Own.Select((json, i) => ($"{i}: {json}", Encoding.UTF8.GetBytes(json))));
    }

    [Fact]
    [Case(71)]
    public void Suite_InEveryPosition_HasThePlatformsVerdict()
    {
        if (Folders.Existing(Path.Combine("jsontestsuite", "test_parsing")) is not { } folder)
        {
            output.WriteLine("Not applicable: the folder ../shared/jsontestsuite is not present.");
            return;
        }
        var files = Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(318, files.Count);
        Check(files.Select(file => (Path.GetFileName(file), File.ReadAllBytes(file))));
    }

    private void Check(IEnumerable<(string Name, byte[] Json)> cases)
    {
        var wrong = new List<string>();
        int accepted = 0;
        int all = 0;
        foreach (var (name, json) in cases)
        {
            all++;
            bool expected = IsJson(json);
            accepted += expected ? 1 : 0;
            // Beside an answer that is whole otherwise, so that the value alone decides.
            byte[] beside = Around("""{"x":""", json, ""","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}""");
            if (IsRead(Decoded.Whole(Chat, beside)) != IsJson(beside))
                wrong.Add($"{name} in a body");
            if (json.AsSpan().IndexOfAny((byte)'\r', (byte)'\n') < 0)
            {
                byte[] inner = Around("""{"x":""", json, ""","choices":[]}""");
                byte[] stream = Around("data: ", inner, "\n\n" + Answers.Hi + Answers.Stop + Answers.End);
                if (IsRead(Decoded.Stream(Chat, stream)) != IsJson(inner))
                    wrong.Add($"{name} in an event");
            }
            bool isText = System.Text.Unicode.Utf8.IsValid(json);
            if (isText && json.AsSpan().ContainsAnyExcept(" \t\r\n"u8))
            {
                var call = new MemoryStream();
                using (var writer = new Utf8JsonWriter(call))
                    writer.WriteStringValue(json);
                byte[] delta = Around("""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""", call.ToArray(), """}}]},"finish_reason":"tool_calls"}]}""" + "\n\n" + Answers.End);
                var decoded = Decoded.Stream(Chat, delta);
                bool isComplete = decoded.Error is null && decoded.Reply.ToolCalls is [{ IsComplete: true }];
                if (isComplete != expected && !(expected && IsQuoted(json)))
                    wrong.Add($"{name} as arguments: {isComplete}, not {expected}");
            }
        }
        output.WriteLine($"{all} cases, {accepted} of them JSON, in three positions");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // Arguments that are text in text are taken apart once, since some services send them so.
    private static bool IsQuoted(byte[] json) => json.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'"', ..];

    private static bool IsRead(Decoded decoded) => decoded.Error is null;

    private static byte[] Around(string before, byte[] json, string after) => [.. Encoding.UTF8.GetBytes(before), .. json, .. Encoding.UTF8.GetBytes(after)];

    private static bool IsJson(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
