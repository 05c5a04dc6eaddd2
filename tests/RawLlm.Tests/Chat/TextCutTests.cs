using RawLlm.Cli.Doctor;

namespace RawLlm.Tests.Chat;

public sealed class TextCutTests
{
    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab\ud83d\ude00", 3, "ab")]
    [InlineData("ab\ud83d\ude00", 4, "ab\ud83d\ude00")]
    [InlineData("a\ud83d\ude00c", 3, "a\ud83d\ude00")]
    public void TextCut_LongText_DoesNotSplitSurrogatePair(string text, int most, string cut) => Assert.Equal(cut, TextCut.Of(text, most));

    [Fact]
    public void Short_LongText_DoesNotSplitSurrogatePair() =>
        Assert.Equal(new string('a', 79) + "\u2026", EndpointQuestions.Short(new string('a', 79) + "\ud83d\ude00!"));
}
