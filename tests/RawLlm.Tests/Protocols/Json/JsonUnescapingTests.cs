using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Protocols;

/// <summary>
/// Measuring and unescaping in one pass gives the same as <see cref="JsonLexer"/> and <see cref="JsonText"/> one after the other.
/// </summary>
public sealed class JsonUnescapingTests(ITestOutputHelper output)
{
    private const int Cases = 60_000;
    private const int Seed = 20261122;

    private static readonly byte[] Slack = [.. Enumerable.Repeat((byte)'"', 60), .. Enumerable.Repeat((byte)'\\', 60)];

    private static readonly string[] Pieces =
    [
        "a",
        " the",
        "stream of words and more",
        "é",
        "語",
        "\\n",
        "\\\"",
        "\\\\",
        "\\\\\\\"",
        "\\/",
        "\\b",
        "\\f",
        "\\r",
        "\\t",
        "\\u00e9",
        "\\u8A9E",
        "\\uD83D\\uDE00",
        "{",
        "]",
        "\u007f",
    ];

    private static readonly string[] Odd = ["\\uD83D", "\\uDE00", "\\u12", "\\u12g4", "\\x", "\\", "\u0001", "\n", "\\U00e9", "\\\u00e9"];

    [Fact]
    public void TryRead_RandomBodies_MatchesJsonLexerAndJsonText()
    {
        var random = new SplitMix64(Seed);
        int taken = 0;
        int takenShort = 0;
        for (int i = 0; i < Cases; i++)
        {
            var text = new StringBuilder();
            for (int n = random.Below(i % 2 == 0 ? 8 : 40); n > 0; n--)
                text.Append(random.Below(100) == 0 ? Odd[random.Below(Odd.Length)] : Pieces[random.Below(Pieces.Length)]);
            byte[] json = [.. Encoding.UTF8.GetBytes(text + "\""), .. Slack[random.Below(Slack.Length)..]];
            if (random.Below(8) == 0)
                json[random.Below(json.Length)] = (byte)random.Below(256);
            if (random.Below(8) == 0)
                json = json[..random.Below(json.Length)];
            string place = $"seed {Seed}, case {i}: {Convert.ToHexString(json)}";

            int length = JsonLexer.String(json, out bool isEscaped);
            byte[] expected = [];
            if (length >= 0)
            {
                var body = JsonText.Of(json.AsSpan(0, length), isEscaped);
                expected = new byte[body.MaxLength];
                char pending = '\0';
                int count = body.CopyTo(expected, ref pending, out var flaw);
                expected = expected[..count];
                if (flaw != QuirkKind.None || pending != '\0')
                    length = -1;
            }
            byte[] room = new byte[json.Length + JsonUnescaping.Slack];
            int actual = JsonUnescaping.TryRead(json, room, out int written);
            Assert.True(actual == length, place);
            Assert.True(actual < 0 || room.AsSpan(0, written).SequenceEqual(expected), place);
            taken += actual >= 0 ? 1 : 0;
            int shortOne = JsonUnescaping.TryReadShort(json, room, out written);
            Assert.True(shortOne == -1 || (shortOne == length && room.AsSpan(0, written).SequenceEqual(expected)), place);
            Assert.True(
                shortOne >= 0
                    || length < 0
                    || json.Length <= length + 1
                    || expected.Length > JsonUnescaping.MaxShort - 3
                    || !Ascii.IsValid(json.AsSpan(0, length))
                    || json.AsSpan(0, length).IndexOf("\\uD"u8) >= 0,
                place
            );
            takenShort += shortOne >= 0 ? 1 : 0;
        }
        output.WriteLine($"{taken} of {Cases} taken, {takenShort} as short ones");
        Assert.True(taken > Cases / 4 && takenShort > Cases / 20);
    }

    [Fact]
    public void TryRead_BufferTooSmall_ReturnsTooLong()
    {
        byte[] json = Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat("words and \\\"quotes\\\" ", 20)) + "\"" + new string('x', 100)
        );
        for (int length = 0; length < json.Length + JsonUnescaping.Slack; length++)
        {
            int read = JsonUnescaping.TryRead(json, new byte[length], out int written);

            Assert.True(read == json.Length - 101 ? written <= length : read == JsonUnescaping.TooLong);
        }
    }
}
