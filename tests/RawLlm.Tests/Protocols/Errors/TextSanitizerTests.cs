using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Protocols.Errors;

public sealed class TextSanitizerTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("  a \r\n\t b  ", "a b")]
    [InlineData("a\u0085b\u00A0c\u2028d\u3000e", "a b c d e")]
    [InlineData("a\u001b[31mb", "a\\u001B[31mb")]
    [InlineData("a\0b", "a\\u0000b")]
    [InlineData("a\u007Fb\u009Bc", "a\\u007Fb\\u009Bc")]
    [InlineData("a\u202Eb\u2066c\u2069d", "a\\u202Eb\\u2066c\\u2069d")]
    [InlineData("a\u200Bb\u200Dc\uFEFFd\u2060e\u00ADf", "a\\u200Bb\\u200Dc\\uFEFFd\\u2060e\\u00ADf")]
    [InlineData("a\U000E0041b", "a\\U000E0041b")]
    [InlineData("a\uFFFEb", "a\\uFFFEb")]
    [InlineData("grün 余额 😀", "grün 余额 😀")]
    public void Clean_AnyText_EscapesControlCharactersAndCollapsesWhiteSpace(string text, string expected) =>
        Assert.Equal(expected, TextSanitizer.Clean(text, 100));

    [Fact]
    public void Clean_LoneSurrogates_AreEscaped() => Assert.Equal("a\\uD83Db\\uDE00", TextSanitizer.Clean("a\ud83db\ude00", 100));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abcdef", 1, "…")]
    [InlineData("abc😀", 5, "abc😀")]
    [InlineData("abc😀d", 5, "abc…")]
    [InlineData("abc😀d", 4, "abc…")]
    [InlineData("ab\u202Ec", 6, "ab…")]
    [InlineData("ab    ", 2, "ab")]
    public void Clean_TooLong_IsTruncatedBetweenCharacters(string text, int limit, string expected) =>
        Assert.Equal(expected, TextSanitizer.Clean(text, limit));

    [Fact]
    public void Clean_AnyLimit_IsKeptWithoutSplittingSurrogatePairs()
    {
        string text = string.Concat(Enumerable.Repeat("a😀\u202E \ud83d", 50));
        for (int limit = 1; limit < 300; limit++)
        {
            string clean = TextSanitizer.Clean(text, limit);
            Assert.True(clean.Length <= limit, $"{limit}: {clean.Length}");
            for (int i = 0; i < clean.Length; i++)
            {
                if (char.IsSurrogate(clean[i]))
                    Assert.True(char.IsSurrogatePair(clean, i++), $"{limit}");
            }
        }
    }

    [Fact]
    [Case(113)]
    public void Read_MessageWithControlAndBidirectionalCharacters_EscapesThem()
    {
        var error = ErrorReader.Read(400, [], """{"error":{"message":"line\nfeed \u001b[2J \u202Egnp.exe","code":"a\u0007b"}}"""u8);

        Assert.Contains(@"line feed \u001B[2J \u202Egnp.exe", error.Message, StringComparison.Ordinal);
        Assert.Equal(@"a\u0007b", error.ProviderCode);
        Assert.DoesNotContain(error.Message, c => char.IsControl(c) || c == '\u202E');
    }
}
