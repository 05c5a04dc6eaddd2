namespace RawLlm.Testing.Tests;

public sealed class ScriptedAnswerTests
{
    [Fact]
    public void With_InvalidParts_ThrowsAsInConstructor()
    {
        var picture = new ImagePart(new byte[] { 1 }, "image/png");
        Assert.Throws<ArgumentException>(() => new ScriptedAnswer([picture]));
        Assert.Throws<ArgumentException>(() => ScriptedAnswer.Text("x") with { Parts = [picture] });
        Assert.Throws<ArgumentNullException>(() => ScriptedAnswer.Text("x") with { Parts = null! });
        Assert.Throws<ArgumentNullException>(() => ScriptedAnswer.Text("x") with { Citations = [null!] });
        Assert.Throws<ArgumentNullException>(() => ScriptedAnswer.Text("x") with { OtherChoices = null! });
    }

    [Fact]
    public void With_Lists_KeepsCopies()
    {
        List<Part> parts = [new TextPart("x")];
        List<ScriptedAnswer> others = ["y"];
        var answer = ScriptedAnswer.Text("") with { Parts = parts, OtherChoices = others };
        parts.Clear();
        others.Clear();
        Assert.Single(answer.Parts);
        Assert.Single(answer.OtherChoices);
    }
}
