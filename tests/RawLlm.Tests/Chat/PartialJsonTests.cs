using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using RawLlm.Tests.JsonSuite;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Chat;

public sealed class PartialJsonTests(ITestOutputHelper output)
{
    [Fact]
    public void Read_ArgumentsByteByByte_YieldsGrowingText()
    {
        var json = new PartialJson();
        var shown = new List<string>();
        foreach (byte b in """{"city":"Zürich","days":12}"""u8)
        {
            json.Append([b]);
            while (json.Read())
                shown.Add($"{Encoding.UTF8.GetString(json.Current.Path)}={json.Current.ToString()}{(json.Current.IsClosed ? "." : "")}");
        }

        // The first byte of ü adds nothing to show.
        Assert.Equal(
            [
                "city=",
                "city=",
                "city=",
                "city=Z",
                "city=Zü",
                "city=Zür",
                "city=Züri",
                "city=Züric",
                "city=Zürich",
                "city=Zürich.",
                "days=",
                "days=",
                "days=1",
                "days=12",
                "days=12.",
            ],
            shown
        );
        Assert.Equal(PartialJsonState.Complete, json.State);
        Assert.Null(json.ErrorOffset);
    }

    [Fact]
    public void Read_SeveralValuesAtOnce_YieldsClosedValuesThenOpenOne()
    {
        Assert.Equal(
            [
                "a Number 1 '-1.5e3' closed",
                "b.c True 2 'true' closed",
                "b.d[0] Null 3 'null' closed",
                "b.d[1][0] String 4 '\"x\"' closed",
                "b.d[1] Array 3 '[\"x\"]' closed",
                "b.d[2] Object 3 '{ }' closed",
                "b.d Array 2 '[null, [\"x\"],{ }]' closed",
                "b Object 1 '{\"c\":true,\"d\":[null, [\"x\"],{ }]}' closed",
                "e[0] Number 2 '1' closed",
                "e[1] String 2 '\"op' open",
            ],
            Values("""{"a":-1.5e3,"b":{"c":true,"d":[null, ["x"],{ }]},"e":[1,"op""")
        );
    }

    [Theory]
    [InlineData("""{"a":{"b":""", "a.b Undefined 2 '' open")]
    [InlineData("""{"a":{"b""", "a Object 1 '{\"b' open")]
    [InlineData("""{"a":{"b":1""", "a.b Number 2 '1' open")]
    [InlineData("""{"a":[""", "a Array 1 '[' open")]
    [InlineData("""[tr""", "[0] True 1 'tr' open")]
    [InlineData("""[[{"x":nul""", "[0][0].x Null 3 'nul' open")]
    [InlineData("\"whole", " String 0 '\"whole' open")]
    [InlineData("12", " Number 0 '12' open")]
    [InlineData("12 ", " Number 0 '12' closed")]
    public void Read_TruncatedText_YieldsInnermostOpenValue(string text, string expected) => Assert.Equal(expected, Values(text)[^1]);

    [Theory]
    [InlineData("{")]
    [InlineData("[")]
    [InlineData("{\"a")]
    [InlineData("{}")]
    [InlineData(" ")]
    [InlineData("")]
    public void Read_OnlyRootValue_YieldsNothing(string text) => Assert.Empty(Values(text));

    [Fact]
    public void Read_CalledAgain_YieldsOpenValueOnlyIfItHasGrown()
    {
        var json = new PartialJson();
        json.Append("{\"a\":\"x"u8);

        Assert.True(json.Read());
        Assert.False(json.Read());
        json.Append([]);
        Assert.False(json.Read());
        json.Append("\\"u8);
        Assert.False(json.Read());
        json.Append("n"u8);
        Assert.True(json.Read());
        Assert.Equal("x\n", json.Current.ToString());
    }

    [Theory]
    [InlineData("\\ud83d\\ude00!", "", "😀", "😀!")]
    [InlineData("\\ud83dx", "", "\uFFFDx")]
    [InlineData("\\ud83d\\n", "", "\uFFFD\n")]
    [InlineData("\\ud83d\\udbffx", "", "\uFFFD", "\uFFFD\uFFFDx")]
    [InlineData("\\ude00x", "", "\uFFFD", "\uFFFDx")]
    [InlineData("\\u00e9\\\\", "", "é", "é\\")]
    [InlineData("日😀", "", "日", "日😀")]
    public void Text_ByteByByte_NeverSplitsCharacters(string body, params string[] expected)
    {
        var json = new PartialJson();
        json.Append("[\""u8);
        var texts = new List<string>();
        foreach (byte b in Encoding.UTF8.GetBytes(body))
        {
            json.Append([b]);
            while (json.Read())
                texts.Add(json.Current.ToString());
        }

        Assert.Equal(expected, texts);
    }

    [Theory]
    [InlineData("a.b", """["a.b"]""")]
    [InlineData("", """[""]""")]
    [InlineData("say \\\"x\\\"\\\\\\n\\u0001", """["say \"x\"\\\n\u0001"]""")]
    [InlineData("[0]", """["[0]"]""")]
    [InlineData("\\u0063ity", "city")]
    [InlineData("größe 1", "größe 1")]
    public void Path_NameHasSpecialCharacters_IsQuoted(string name, string expected)
    {
        Assert.Equal([$"{expected} Number 1 '1' closed"], Values($"{{\"{name}\":1}}"));
        Assert.Equal(
            [$"x.y{(expected[0] == '[' ? "" : ".")}{expected} Number 3 '1' closed"],
            Values($"{{\"x\":{{\"y\":{{\"{name}\":1}}}}}}").Take(1)
        );
    }

    [Theory]
    [InlineData("ingredients[].name", true)]
    [InlineData("ingredients[1].name", true)]
    [InlineData("ingredients[0].name", false)]
    [InlineData("ingredients[1].names", false)]
    [InlineData("ingredients[1].nam", false)]
    [InlineData("ingredients[]", false)]
    [InlineData("ingredients", false)]
    [InlineData("", false)]
    public void Is_EmptyBrackets_MatchAnyElement(string path, bool expected)
    {
        var json = new PartialJson();
        json.Append("""{"ingredients":[0,{"name":"beet"""u8);
        while (json.Read() && json.Current.IsClosed) { }

        Assert.Equal(expected, json.Current.Is(Encoding.UTF8.GetBytes(path)));
    }

    [Fact]
    public void Is_QuotedNameWithBrackets_IsMatchedLiterally()
    {
        var json = new PartialJson();
        json.Append("""{"x[]\"":[1"""u8);
        Assert.True(json.Read());

        Assert.True(json.Current.Is("""["x[]\""][]"""u8));
        Assert.True(json.Current.Is("""["x[]\""][0]"""u8));
        Assert.False(json.Current.Is("""["x[]"][0]"""u8));

        json.Clear();
        json.Append("""{"x[5]":1"""u8);
        Assert.True(json.Read());
        Assert.False(json.Current.Is("""["x[]"]"""u8));
    }

    [Theory]
    [InlineData("{\"a\":1,}", 7)]
    [InlineData("{\"a\":01}", 6)]
    [InlineData("{\"a\":-01}", 7)]
    [InlineData("{\"a\":1.}", 7)]
    [InlineData("{\"a\":-}", 6)]
    [InlineData("{\"a\":1e+}", 8)]
    [InlineData("{\"a\":trux}", 8)]
    [InlineData("{\"a\" 1}", 5)]
    [InlineData("{\"a\":1]", 6)]
    [InlineData("{\"a\":\"\\x\"}", 7)]
    [InlineData("{\"a\":\"\\u12g4\"}", 10)]
    [InlineData("{\"a\":\"b\nc\"}", 7)]
    [InlineData("{} {", 3)]
    [InlineData("[,]", 1)]
    [InlineData("[1,]", 3)]
    [InlineData("```json", 0)]
    [InlineData("{a:1}", 1)]
    [InlineData("12x", 2)]
    public void State_InvalidJson_ReportsErrorOffset(string text, int at)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        foreach (int size in (int[])[1, 2, 3, utf8.Length])
        {
            var json = new PartialJson();
            Feed(json, utf8, size);
            Assert.Equal((PartialJsonState.NotJson, at), (json.State, json.ErrorOffset));
            Assert.Equal(utf8[..at], json.Utf8.ToArray());
            json.Append("1"u8);
            Assert.False(json.Read());
            Assert.Equal(at, json.ErrorOffset);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x80 }, 0)]
    [InlineData(new byte[] { (byte)'a', 0xC3, (byte)'"' }, 1)]
    [InlineData(new byte[] { 0xE2, 0x28, 0xA1 }, 0)]
    [InlineData(new byte[] { (byte)'a', 0xED, 0xA0, 0x80 }, 1)]
    [InlineData(new byte[] { 0xF0, 0x80, 0x80, 0x80 }, 0)]
    [InlineData(new byte[] { 0xE6, 0x97, (byte)'\\', (byte)'n' }, 0)]
    public void State_InvalidUtf8_ReportsErrorOffset(byte[] body, int at)
    {
        foreach (int size in (int[])[1, 2, 3, body.Length])
        {
            var json = new PartialJson();
            json.Append("[\""u8);
            Feed(json, body, size);
            Assert.Equal((PartialJsonState.NotJson, at + 2), (json.State, json.ErrorOffset));
        }
    }

    [Fact]
    public void State_AtLimits_EnforcesMaxBytesAndMaxDepth()
    {
        var json = new PartialJson(maxBytes: 10, maxDepth: 2);
        Feed(json, "[[1,2,3]] "u8, 3);
        Assert.Equal(PartialJsonState.Complete, json.State);

        json.Clear();
        Feed(json, "[[1,2,3]]  "u8, 3);
        Assert.Equal((PartialJsonState.TooLong, 10), (json.State, json.ErrorOffset));

        json.Clear();
        Feed(json, "[1]"u8, 3);
        Assert.Equal((PartialJsonState.Complete, null), (json.State, json.ErrorOffset));

        json.Clear();
        Feed(json, "[[[1"u8, 3);
        Assert.Equal((PartialJsonState.TooDeep, 2), (json.State, json.ErrorOffset));

        json.Clear();
        Assert.Equal((PartialJsonState.Open, null), (json.State, json.ErrorOffset));
        json.Append("[1,2,3,4,5,6,7"u8);
        Assert.True(json.Read());
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartialJson(maxBytes: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartialJson(maxDepth: 0));
    }

    [Fact]
    public void ToRawJson_ClosedOrOpenValue_CopiesOrThrows()
    {
        var json = new PartialJson();
        json.Append("""{"a":[1, 2],"b":"""u8);
        var kept = new List<RawJson>();
        while (json.Read())
        {
            if (json.Current.Is("a"u8))
                kept.Add(json.Current.ToRawJson());
        }
        json.Clear();
        json.Append("[9"u8);

        Assert.Equal("[1, 2]", Assert.Single(kept).ToString());
        Assert.True(json.Read());
        // A lambda cannot capture a lent value.
        try
        {
            json.Current.ToRawJson();
            Assert.Fail("An open value was given as a whole one.");
        }
        catch (InvalidOperationException) { }
    }

    [Fact]
    public void Read_JsonSuite_MatchesPlatformReader()
    {
        foreach (var (verdict, text) in JsonSuiteTests.Cases())
            CheckAtEverySplit(text, verdict == 'y');
    }

    [Fact]
    public void Read_RandomJsonSplitAnywhere_MatchesPlatformReader() =>
        Prop.ForAll(
                Documents().ToArbitrary(),
                text =>
                {
                    CheckAtEverySplit(text, null);
                    return true;
                }
            )
            .Check(PropertyRun.Of(1500, output));

    [Fact]
    public void Read_CorruptJsonSplitAnywhere_MatchesPlatformReader() =>
        Prop.ForAll(
                Gen.Zip(Documents(), Gen.Choose(0, int.MaxValue)).ToArbitrary(),
                pair =>
                {
                    CheckAtEverySplit(Damaged(pair.Item1, new System.Random(pair.Item2)), null);
                    return true;
                }
            )
            .Check(PropertyRun.Of(3000, output));

    private static Gen<byte[]> Documents() =>
        Gen.Sized(size =>
            Gen.Choose(0, int.MaxValue)
                .Select(seed =>
                {
                    var random = new System.Random(seed);
                    var text = new StringBuilder();
                    WriteValue(text, random, Math.Min(size, 40), 0);
                    return Encoding.UTF8.GetBytes(text.ToString());
                })
        );

    private static void WriteValue(StringBuilder text, System.Random random, int size, int depth)
    {
        string[] scalars = ["true", "false", "null", "0", "-0", "12", "-3.5", "1e9", "0.25E-3", "1234567890123"];
        WriteSpace(text, random);
        switch (depth == 0 ? random.Next(5) : random.Next(depth > 5 ? 2 : 4))
        {
            case 0:
                text.Append(scalars[random.Next(scalars.Length)]);
                break;
            case 1:
                WriteString(text, random, size);
                break;
            case 2:
                text.Append('[');
                for (int i = random.Next(4); i > 0; i--)
                {
                    WriteValue(text, random, size / 2, depth + 1);
                    if (i > 1)
                        text.Append(',');
                }
                text.Append(']');
                break;
            default:
                text.Append('{');
                for (int i = random.Next(4); i > 0; i--)
                {
                    WriteSpace(text, random);
                    WriteString(text, random, 6);
                    WriteSpace(text, random);
                    text.Append(':');
                    WriteValue(text, random, size / 2, depth + 1);
                    if (i > 1)
                        text.Append(',');
                }
                text.Append('}');
                break;
        }
        WriteSpace(text, random);
    }

    private static void WriteString(StringBuilder text, System.Random random, int size)
    {
        string[] pieces =
        [
            "a",
            "city",
            " ",
            "é",
            "日本",
            "😀",
            "\\n",
            "\\\"",
            "\\\\",
            "\\/",
            "\\u0041",
            "\\u00e9",
            "\\ud83d\\ude00",
            "\\uD83D",
            "\\uDE00",
            "\\udbff",
            ".",
            "[",
            "]",
            "\\u0000",
            "{",
            ":",
            ",",
        ];
        text.Append('"');
        for (int i = random.Next(size + 1); i > 0; i--)
            text.Append(pieces[random.Next(pieces.Length)]);
        text.Append('"');
    }

    private static void WriteSpace(StringBuilder text, System.Random random)
    {
        if (random.Next(6) == 0)
            text.Append(" \t\r\n"[random.Next(4)]);
    }

    private static byte[] Damaged(byte[] text, System.Random random)
    {
        var bytes = text.ToList();
        ReadOnlySpan<byte> favourites = "\"\\{}[]:,u0-.eE+tn/ \u0001\u007f"u8;
        for (int i = random.Next(1, 3); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            byte b = random.Next(3) == 0 ? (byte)random.Next(256) : favourites[random.Next(favourites.Length)];
            switch (random.Next(4))
            {
                case 0:
                    bytes.RemoveAt(at);
                    break;
                case 1:
                    bytes.Insert(at, b);
                    break;
                case 2:
                    bytes[at] = b;
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }
        return [.. bytes];
    }

    private static void CheckAtEverySplit(byte[] text, bool? isJson)
    {
        string shown = Encoding.UTF8.GetString(text);
        var json = new PartialJson();
        var whole = Closed(json, text, text.Length);
        var state = json.State;
        int? flaw = json.ErrorOffset;

        // How the platform reads the whole text at once.
        bool isUtf8 = System.Text.Unicode.Utf8.IsValid(text);
        bool isWhole = TryReadPlatform(text, isFinal: true, out _) && isUtf8;
        bool isBegun = TryReadPlatform(text, isFinal: false, out var expected);
        if (isJson is { } verdict)
            Assert.True(isWhole == verdict, shown);
        Assert.True(isWhole == (state == PartialJsonState.Complete), $"{state} at {flaw}: {shown}");
        Assert.True(state != PartialJsonState.Open || isBegun, $"taken for a beginning: {shown}");
        if (flaw is { } at)
            Assert.True(TryReadPlatform(text[..at], isFinal: false, out _), $"wrong already before {at}: {shown}");
        // The platform checks the bytes of a string only on request, and accepts the slash of a comment as the end of a number.
        if (isUtf8 && (flaw is not { } place || text[place] != '/'))
            Assert.Equal(expected, whole);
        else
            Assert.Equal(expected.Take(whole.Count), whole);

        for (int split = 0; split <= text.Length; split++)
        {
            json.Clear();
            var values = new List<string>();
            json.Append(text.AsSpan(0, split));
            string? open = Take(json, values);
            int before = values.Count;
            json.Append(text.AsSpan(split));
            Take(json, values);
            Assert.Equal(whole, values);
            Assert.Equal((state, flaw), (json.State, json.ErrorOffset));
            // What was shown of an open string is the beginning of the closed one.
            if (open is not null && values.Count > before)
                Assert.StartsWith(open, values[before], StringComparison.Ordinal);
        }
        foreach (int size in (int[])[1, 3])
        {
            json.Clear();
            Assert.Equal(whole, Closed(json, text, size));
            Assert.Equal((state, flaw), (json.State, json.ErrorOffset));
        }
    }

    private static List<string> Closed(PartialJson json, ReadOnlySpan<byte> text, int size)
    {
        var values = new List<string>();
        for (int at = 0; at < text.Length; at += Math.Max(1, size))
        {
            json.Append(text.Slice(at, Math.Min(size, text.Length - at)));
            Take(json, values);
        }
        return values;
    }

    // Adds the values that have closed, and returns the path and the text of an open string.
    private static string? Take(PartialJson json, List<string> values)
    {
        while (json.Read())
        {
            var value = json.Current;
            Assert.True(System.Text.Unicode.Utf8.IsValid(value.Text));
            if (value.IsClosed)
            {
                values.Add(
                    Line(
                        Encoding.UTF8.GetString(value.Path),
                        value.Kind,
                        Encoding.UTF8.GetString(value.Text),
                        value.Depth,
                        Encoding.UTF8.GetString(value.Utf8)
                    )
                );
            }
            else if (value.Kind == JsonValueKind.String)
                return $"{Encoding.UTF8.GetString(value.Path)} {value.Kind} {value.ToString()}";
        }
        return null;
    }

    private static string Line(string path, JsonValueKind kind, string text, int depth, string utf8) =>
        $"{path} {kind} {text} | {depth} {utf8}";

    private static List<string> Values(string text)
    {
        var json = new PartialJson();
        json.Append(Encoding.UTF8.GetBytes(text));
        var values = new List<string>();
        while (json.Read())
        {
            var value = json.Current;
            values.Add(
                $"{Encoding.UTF8.GetString(value.Path)} {value.Kind} {value.Depth} '{Encoding.UTF8.GetString(value.Utf8)}' {(value.IsClosed ? "closed" : "open")}"
            );
        }
        return values;
    }

    private static void Feed(PartialJson json, ReadOnlySpan<byte> text, int size) => Closed(json, text, size);

    // The closed values, as the platform's reader finds them in the whole text.
    private static bool TryReadPlatform(ReadOnlySpan<byte> text, bool isFinal, out List<string> values)
    {
        values = [];
        var reader = new Utf8JsonReader(text, isFinal, new JsonReaderState(new JsonReaderOptions { MaxDepth = 64 }));
        var open = new Stack<(string Path, int Start, bool IsArray, int Count)>();
        string name = "";
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    name = Said(ref reader);
                    continue;
                }
                if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                {
                    var (ended, start, isArray, _) = open.Pop();
                    if (open.Count > 0)
                    {
                        values.Add(
                            Line(
                                ended,
                                isArray ? JsonValueKind.Array : JsonValueKind.Object,
                                "",
                                open.Count,
                                Encoding.UTF8.GetString(text[start..(int)reader.BytesConsumed])
                            )
                        );
                    }

                    continue;
                }
                string path = "";
                if (open.TryPop(out var parent))
                {
                    path = parent.IsArray ? $"{parent.Path}[{parent.Count}]" : Join(parent.Path, name);
                    open.Push(parent with { Count = parent.Count + 1 });
                }
                int from = (int)reader.TokenStartIndex;
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                {
                    open.Push((path, from, reader.TokenType == JsonTokenType.StartArray, 0));
                    continue;
                }
                var kind = reader.TokenType switch
                {
                    JsonTokenType.String => JsonValueKind.String,
                    JsonTokenType.Number => JsonValueKind.Number,
                    JsonTokenType.True => JsonValueKind.True,
                    JsonTokenType.False => JsonValueKind.False,
                    _ => JsonValueKind.Null,
                };
                values.Add(
                    Line(
                        path,
                        kind,
                        kind == JsonValueKind.String ? Said(ref reader) : "",
                        open.Count,
                        Encoding.UTF8.GetString(text[from..(int)reader.BytesConsumed])
                    )
                );
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Said(ref Utf8JsonReader reader)
    {
        byte[] raw = [.. "\""u8, .. reader.ValueSpan, .. "\""u8];
        ToolArguments.MendSurrogates(raw);
        try
        {
            return JsonSerializer.Deserialize<string>(raw)!;
        }
        // Bytes that are not UTF-8: nothing after them is compared.
        catch (JsonException)
        {
            return "";
        }
    }

    private static string Join(string path, string name)
    {
        if (name.Length > 0 && !name.Any(c => c < 0x20 || ".[]\"\\".Contains(c)))
            return path.Length == 0 ? name : $"{path}.{name}";
        var quoted = new StringBuilder(path).Append("[\"");
        foreach (char c in name)
        {
            quoted.Append(
                c switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    '\b' => "\\b",
                    '\f' => "\\f",
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    < ' ' => $"\\u{(int)c:x4}",
                    _ => c.ToString(),
                }
            );
        }

        return quoted.Append("\"]").ToString();
    }
}
