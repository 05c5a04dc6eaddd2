using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Protocols;

/// <summary>What fits into a hole is exactly what the platform's reader accepts as the same token, byte for byte.</summary>
public sealed class JsonLexerTests(ITestOutputHelper output)
{
    private const int Cases = 40_000;
    private const int Seed = 20261121;

    private static readonly byte[] Slack = new byte[40];

    private static readonly string[] StringPieces =
    [
        "a",
        "é",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u00e9",
        "\\uD83D",
        "\\u12",
        "\\u12g4",
        "\\x",
        "\\",
        "\u0001",
        "\n",
        "\t",
        "\u007f",
        " ",
        "{",
        "]",
    ];
    private static readonly string[] NumberPieces = ["0", "1", "9", "12", "-", "+", ".", "e", "E", " ", "x", "007"];
    private static readonly string[] ArrayPieces = ["[", "]", ",", " ", "1", "0", "-2", "3.5", "1e9", "\"a\"", "null", "01", "["];

    [Fact]
    public void String_RandomBodies_MatchesUtf8JsonReader() =>
        Check(
            StringPieces,
            text => "\"" + text + "\"}",
            json => JsonLexer.String(json[1..], out bool isEscaped) is var length and >= 0 ? (length + 2, isEscaped) : (-1, false)
        );

    [Fact]
    public void Number_RandomText_MatchesUtf8JsonReader() =>
        Check(NumberPieces, text => text + "}", json => (JsonLexer.Number(json), false));

    // The shortcut for a number that is as long as the previous one.
    [Fact]
    public void StartsWithDigits_RandomText_MatchesNumberOfThatLength()
    {
        var random = new SplitMix64(Seed);
        int found = 0;
        for (int i = 0; i < Cases; i++)
        {
            var text = new StringBuilder();
            for (int n = 1 + random.Below(9); n > 0; n--)
                text.Append(NumberPieces[random.Below(random.Below(4) == 0 ? NumberPieces.Length : 4)]);
            byte[] json = [.. Encoding.UTF8.GetBytes(text + ",\"a\":1}"), .. Slack[..random.Below(Slack.Length)]];
            int length = 1 + random.Below(18);
            bool goesOn = length < json.Length && json[length] is >= (byte)'0' and <= (byte)'9' or (byte)'.' or (byte)'e' or (byte)'E';
            string place = $"seed {Seed}, case {i}, length {length}: {Convert.ToHexString(json)}";

            bool isShort = JsonLexer.StartsWithDigits(json, length);
            Assert.True(!isShort || goesOn || JsonLexer.Number(json) == length, place);
            Assert.True(
                isShort
                    || json.Length < 16
                    || length > 15
                    || JsonLexer.Number(json) != length
                    || text.ToString().AsSpan(0, length).IndexOfAny("-.eE") >= 0,
                place
            );
            found += isShort && !goesOn ? 1 : 0;
        }
        output.WriteLine($"{found} of {Cases} found");
        Assert.True(found > Cases / 50);
    }

    [Fact]
    public void Numbers_RandomArrays_MatchesUtf8JsonReader() =>
        Check(ArrayPieces, text => "[" + text + "]}", json => (JsonLexer.Numbers(json), false), onlyNumbers: true);

    // Within one vector, across its end, and beyond it: the ways of measuring a string may differ only in what they promise.
    [Fact]
    public void StringMethods_RandomBodies_ReturnSameLength()
    {
        var random = new SplitMix64(Seed);
        int plain = 0;
        for (int i = 0; i < Cases; i++)
        {
            string[] pieces = i % 2 == 0 ? StringPieces : ["a", " the", "é", "\\n", "\\\"", "\\t", "\\/", "\\\\"];
            var text = new StringBuilder();
            for (int n = random.Below(20); n > 0; n--)
                text.Append(pieces[random.Below(pieces.Length)]);
            byte[] json = [.. Encoding.UTF8.GetBytes(text + "\"}"), .. Slack[..random.Below(Slack.Length)]];
            if (random.Below(4) == 0)
                json[random.Below(json.Length)] = (byte)random.Below(256);
            string place = $"seed {Seed}, case {i}: {Convert.ToHexString(json)}";

            int length = JsonLexer.String(json, out bool isEscaped);
            var body = json.AsSpan(0, Math.Max(length, 0));
            bool isPlain = length >= 0 && !isEscaped && Utf8.IsValid(body);
            Assert.True(JsonLexer.String(json) == length, place);
            Assert.True(JsonLexer.PlainText(json) == (isPlain ? length : -1), place);
            Assert.True(JsonLexer.Text(json, out bool isSeenEscaped, out bool isValid) == length, place);
            Assert.True(length < 0 || (isSeenEscaped == isEscaped && isValid == isPlain), place);
            plain += isPlain ? 1 : 0;
        }
        output.WriteLine($"{plain} of {Cases} plain");
        Assert.True(plain > Cases / 50);
    }

    [Theory]
    [InlineData("0,", 1)]
    [InlineData("12}", 2)]
    [InlineData("012", -1)]
    [InlineData("-1", -1)]
    [InlineData("123456789012345,", 15)]
    [InlineData("1234567890123456,", -1)]
    [InlineData("", -1)]
    public void Count_Digits_ReturnsLength(string text, int length) => Assert.Equal(length, JsonLexer.Count(Encoding.UTF8.GetBytes(text)));

    private delegate (int Length, bool IsEscaped) Measure(ReadOnlySpan<byte> json);

    private void Check(string[] pieces, Func<string, string> wrap, Measure measure, bool onlyNumbers = false)
    {
        var random = new SplitMix64(Seed);
        int fitting = 0;
        for (int i = 0; i < Cases; i++)
        {
            var text = new StringBuilder();
            for (int n = random.Below(i % 3 == 0 ? 16 : 6); n > 0; n--)
                text.Append(pieces[random.Below(pieces.Length)]);
            byte[] json = Encoding.UTF8.GetBytes(wrap(text.ToString()));
            var (expected, isEscaped) = ByReader(json, onlyNumbers);
            // Alone, and followed by bytes that end nothing, as in a frame that continues: only then are there vectors to look at.
            var (actual, isSeenEscaped) = measure(i % 2 == 0 ? json : [.. json, .. Slack]);
            // If something impossible follows a number or array, what follows reveals that, not the measured length.
            bool isSame =
                expected == actual ? actual < 0 || !isEscaped || isSeenEscaped : expected < 0 && actual >= 0 && !FollowedWell(json, actual);
            Assert.True(isSame, $"seed {Seed}, case {i}: {Encoding.UTF8.GetString(json)} measures {actual}, the reader {expected}");
            fitting += expected >= 0 ? 1 : 0;
        }
        output.WriteLine($"{fitting} of {Cases} fit");
        Assert.True(fitting > Cases / 50);
    }

    private static bool FollowedWell(byte[] json, int length) => json[length] == (byte)'}';

    private static (int Length, bool IsEscaped) ByReader(byte[] json, bool onlyNumbers)
    {
        // As the value of a member, as in a frame.
        var reader = new Utf8JsonReader((byte[])[.. "{\"a\":"u8, .. json]);
        try
        {
            reader.Read();
            reader.Read();
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            if (start != 5)
                return (-1, false);
            bool isEscaped = reader.ValueIsEscaped;
            if (onlyNumbers)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.Number) { }
                if (reader.TokenType != JsonTokenType.EndArray)
                    return (-1, false);
            }
            int length = (int)reader.BytesConsumed - start;
            if (!reader.Read() || reader.TokenType != JsonTokenType.EndObject)
                return (-1, false);
            return (length, isEscaped);
        }
        catch (JsonException)
        {
            return (-1, false);
        }
    }
}
