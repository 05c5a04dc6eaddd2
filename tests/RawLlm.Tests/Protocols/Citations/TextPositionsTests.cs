using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols;

public sealed class TextPositionsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("aß — 😀b")]
    [InlineData("😀😀")]
    public void Positions_ShortText_MatchCountedPositions(string text) => AssertAll(text);

    [Fact]
    public void Positions_LongText_MatchCountedPositions()
    {
        string[] words = ["a", "ß", "—", "😀", "word "];
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            // Around the lengths at which counts are saved.
            int length = random.Next(200, 900);
            var text = new StringBuilder();
            while (Encoding.UTF8.GetByteCount(text.ToString()) < length)
                text.Append(words[random.Next(seed % 5 == 0 ? 1 : words.Length)]);
            AssertAll(text.ToString());
        }
        AssertAll(new string('a', 255) + "😀" + new string('a', 253) + "ß");
        AssertAll(new string('a', 254) + "ß");
    }

    private static void AssertAll(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        var positions = new TextPositions(utf8);
        var bytes = new Dictionary<int, int>();
        var (characters, units, at) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            Assert.Equal(units, positions.FromCharacter(characters));
            bytes[at] = units;
            characters++;
            units += rune.Utf16SequenceLength;
            at += rune.Utf8SequenceLength;
        }
        bytes[at] = units;
        Assert.Equal(units, positions.FromCharacter(characters));
        Assert.Equal(-1, positions.FromCharacter(characters + 1));
        Assert.Equal(-1, positions.FromCharacter(int.MaxValue));
        for (int i = -1; i <= utf8.Length + 1; i++)
            Assert.Equal(bytes.TryGetValue(i, out int unit) ? unit : -1, positions.FromByte(i));
    }
}
