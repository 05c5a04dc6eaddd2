using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

public sealed class CompactTests
{
    private const int Cases = 20_000;
    private const int Seed = 20261124;

    private static readonly string[] Strings =
    [
        "a",
        "words that go on for a while",
        "é",
        "\\\\",
        "\\\"",
        "\\\\\\\"",
        "\\n",
        " ",
        "  ",
        "{",
        ": ",
        "\\u00e9",
        "\\\\\\\\",
    ];
    private static readonly string[] Tokens = ["{", "}", "[", "]", ",", ":", "12", "true", "null"];

    // It does not check the order of tokens, so any order will do.
    [Fact]
    public void Compact_RandomTokens_RemovesOnlyWhiteSpaceBetweenTokens()
    {
        var random = new SplitMix64(Seed);
        for (int i = 0; i < Cases; i++)
        {
            var spaced = new StringBuilder();
            var plain = new StringBuilder();
            for (int n = random.Below(i % 2 == 0 ? 12 : 60); n > 0; n--)
            {
                string token = random.Below(3) == 0 ? Text(ref random) : Tokens[random.Below(Tokens.Length)];
                spaced.Append(token);
                plain.Append(token);
                for (int spaces = random.Below(4) == 0 ? random.Below(40) : random.Below(2); spaces > 0; spaces--)
                    spaced.Append(" \n\r\t"[random.Below(4)]);
            }
            byte[] json = Encoding.UTF8.GetBytes(spaced.ToString());
            byte[] room = new byte[json.Length];

            int length = WireJson.Compact(json, room);

            Assert.True(Encoding.UTF8.GetString(room, 0, length) == plain.ToString(), $"seed {Seed}, case {i}: {spaced}");
        }
    }

    private static string Text(ref SplitMix64 random)
    {
        var text = new StringBuilder("\"");
        for (int n = random.Below(8); n > 0; n--)
            text.Append(Strings[random.Below(Strings.Length)]);
        return text.Append('"').ToString();
    }
}
