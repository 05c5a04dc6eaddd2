using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Protocols;

public sealed class JsonWriterTests(ITestOutputHelper output)
{
    [Fact]
    public void WriteText_SpecialCharacters_EscapesOnlyWhatJsonRequires()
    {
        Assert.Equal(
            """
            "\u0000\u0001\b\t\n\u000b\f\r\u001f \"\\/<>&'+`é\u2028日本😀"
            """.Replace("\\u2028", "\u2028"),
            Write(json => json.WriteText("\0\u0001\b\t\n\u000B\f\r\u001F \"\\/<>&'+`é\u2028日本😀", "place"))
        );
    }

    // Not inline data: attributes are stored as UTF-8, which cannot hold half a surrogate pair.
    [Fact]
    public void WriteText_LoneSurrogate_IsReplacedWithQuirk()
    {
        (string Text, string Expected)[] cases =
        [
            ("a\uD83D", "a\uFFFD"),
            ("\uDE00b", "\uFFFDb"),
            ("\uD83D\"\uDE00", "\uFFFD\"\uFFFD"),
            ("\uD83D\uD83D\uDE00", "\uFFFD\U0001F600"),
        ];
        foreach (var (text, expected) in cases)
        {
            using var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org") };

            new JsonWriter(wire).WriteText(text, "messages[].content");

            Assert.Equal(expected, JsonSerializer.Deserialize<string>(wire.Body.Span));
            Assert.Equal(new Quirk(QuirkKind.LoneSurrogate, "messages[].content"), Assert.Single(wire.Quirks));
        }
    }

    [Fact]
    public void WriteText_SurrogatePairs_RecordsNoQuirk()
    {
        using var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org") };

        new JsonWriter(wire).WriteText("😀\n😀", "place");

        Assert.Empty(wire.Quirks);
    }

    // Text is read in blocks: a special character is found at each position of a block.
    [Fact]
    public void WriteText_SpecialCharacterAtEachPosition_RoundTrips()
    {
        foreach (
            string special in (string[])
                [
                    "\"",
                    "\\",
                    "\n",
                    "\0",
                    "\u001f",
                    "\u007f",
                    "\u0080",
                    "\u00ff",
                    "\u0100",
                    "é",
                    "\u07ff",
                    "日",
                    "\uff22",
                    "\uffff",
                    "😀",
                    "\"\"",
                ]
        )
        {
            for (int length = 0; length <= 70; length++)
            {
                for (int place = 0; place <= length; place++)
                {
                    string text = new string('a', place) + special + new string('b', length - place);
                    Assert.Equal(text, JsonSerializer.Deserialize<string>(Write(json => json.WriteText(text, "place"))));
                }
            }
        }
    }

    // The end of a text is read in a different way than the rest.
    [Fact]
    public void WriteText_SpecialCharacterNearBlockEnd_RoundTrips()
    {
        foreach (string special in (string[])["\"", "\0", "é", "日", "😀", "😀😀", "\n\n\n", "\"日\""])
        {
            foreach (int length in (int[])[100, 126, 127, 128, 129, 190, 191, 192, 193, 300])
            {
                for (int place = 0; place <= length; place++)
                {
                    string text = new string('a', place) + special + new string('b', length - place);
                    Assert.Equal(text, JsonSerializer.Deserialize<string>(Write(json => json.WriteText(text, "place"))));
                }
            }
        }
    }

    [Fact]
    public void WriteText_LongMixedText_MatchesUtf8Encoding()
    {
        var random = new Random(11);
        string[] pieces = ["a", "plain words ", "\"", "\\", "\n", "\u0001", "é", "ж", "日本", "😀", "\uD83D", "\uDE00", "x", " "];
        for (int i = 0; i < 3000; i++)
        {
            var text = new StringBuilder();
            int length = random.Next(700);
            int kinds = random.Next(1, pieces.Length + 1);
            while (text.Length < length)
                text.Append(pieces[random.Next(kinds)]);

            string json = Write(writer => writer.WriteText(text.ToString(), "place"));

            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString())), JsonSerializer.Deserialize<string>(json));
        }
    }

    // If most of a text is in another script, whole runs are encoded at once, up to what is escaped or broken.
    [Fact]
    public void WriteText_NonLatinScripts_MatchesUtf8Encoding()
    {
        foreach (string script in (string[])["это функция, ", "日本語の文章。", "😀👍🏽", "éèêë"])
        {
            foreach (string special in (string[])["\"", "\n", "\0", "abc", "\uD83D", "\uDE00", "\uD83D\"", "\uDE00\n"])
            {
                for (int length = 1; length <= 330; length += length < 140 ? 1 : 13)
                {
                    string text = string.Concat(Enumerable.Repeat(script, length / script.Length + 1))[..length];
                    foreach (int place in (int[])[0, length / 3, length - 1, length])
                        AssertReadsBack(text.Insert(place, special));
                }
            }
        }
    }

    // The array is returned to the pool cleared up to the body's end.
    [Theory]
    [InlineData("short \"text\"")]
    [InlineData("sixteen letters.")]
    [InlineData("это функция, это функция, это функция, это функция, это функция, это функция")]
    [InlineData("a line that is long enough for blocks, and ends in one that is to be escaped, which is written behind them all.\n")]
    public void WriteText_AnyText_WritesNothingAfterBody(string text)
    {
        using var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org") };
        wire.GetSpan(4096).Clear();

        new JsonWriter(wire).WriteText(text, "place");

        Assert.Equal(-1, wire.GetSpan(2048)[..2048].IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void WriteText_RandomCharacters_RoundTrips()
    {
        var characters = Gen.Frequency(
            (8, Gen.Choose(0x20, 0x7E)),
            (3, Gen.Choose(0, 0x1F)),
            (2, Gen.Choose(0x80, 0xFFFF)),
            (2, Gen.Choose(0xD800, 0xDFFF)),
            (1, Gen.Elements((int)'"', (int)'\\'))
        );
        var texts = characters.Select(c => (char)c).ArrayOf().Select(array => new string(array)).ToArbitrary();

        Prop.ForAll(
                texts,
                text =>
                    JsonSerializer.Deserialize<string>(Write(json => json.WriteText(text, "place")))
                    == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))
            )
            .Check(PropertyRun.Of(2000, output));
    }

    [Theory]
    [InlineData('a')]
    [InlineData('"')]
    [InlineData('é')]
    [InlineData('日')]
    public void WriteText_LongerThanBuffer_IsComplete(char c)
    {
        string text = new(c, 100_003);

        Assert.Equal(text, JsonSerializer.Deserialize<string>(Write(json => json.WriteText(text, "place"))));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.1, "0.1")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(1, "1")]
    [InlineData(1e-7, "1E-07")]
    [InlineData(0.30000000000000004, "0.30000000000000004")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    public void WriteNumber_Double_WritesShortestRoundTripForm(double value, string expected)
    {
        string json = Write(writer => writer.WriteNumber(value, "place"));

        Assert.Equal(expected, json);
        Assert.Equal(value, JsonSerializer.Deserialize<double>(json));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void WriteNumber_NotFinite_ThrowsArgumentException(double value)
    {
        var e = Assert.Throws<ArgumentException>(() => Write(json => json.WriteNumber(value, "temperature")));

        Assert.Contains("temperature", e.Message);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    public void WriteNumber_Long_RoundTrips(long value) =>
        Assert.Equal(value, JsonSerializer.Deserialize<long>(Write(json => json.WriteNumber(value))));

    [Fact]
    public void JsonWriter_NestedValues_WritesCommasBetweenMembersAndElements()
    {
        string text = Write(json =>
        {
            json.StartObject();
            json.WriteName("a"u8);
            json.StartArray();
            json.EndArray();
            json.WriteName("b"u8);
            json.StartArray();
            json.WriteNumber(1);
            json.WriteNull();
            json.WriteBoolean(true);
            json.StartObject();
            json.EndObject();
            json.WriteText("x"u8);
            json.EndArray();
            json.WriteName("c\"", "place");
            json.WriteRaw(" [1, 2] ");
            json.WriteMembers("""{ "d" : 1 }""");
            json.WriteMembers("{ }");
            json.WriteMember("e"u8, false);
            json.EndObject();
        });

        Assert.Equal("""{"a":[],"b":[1,null,true,{},"x"],"c\"": [1, 2] ,"d" : 1,"e":false}""", text);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("\"{}\"")]
    [InlineData("null")]
    public void WriteMembers_NotAnObject_ReturnsFalse(string value)
    {
        bool written = true;

        Assert.Equal("", Write(json => written = json.WriteMembers(value)));
        Assert.False(written);
    }

    private static void AssertReadsBack(string text) =>
        Assert.Equal(
            Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)),
            JsonSerializer.Deserialize<string>(Write(json => json.WriteText(text, "place")))
        );

    private static string Write(Action<JsonWriter> write)
    {
        using var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org") };
        write(new JsonWriter(wire));
        return Encoding.UTF8.GetString(wire.Body.Span);
    }
}
