using System.Text.Json;
using RawLlm.Comparisons.Results;

namespace RawLlm.Tests.Performance;

public sealed class ResultSetTests
{
    [Fact]
    public void Json_ParsedAgain_IsUnchanged()
    {
        string json = Sets.Small().ToJson();
        var again = ResultSet.Parse(json);
        Assert.Equal(json, again.ToJson());
        Assert.Equal(Sets.Small().Machine, again.Machine);
        Assert.Equal(1234.56, again.Find("ratios", Names.PlainText, Names.ParserStream, Names.MedianNanoseconds));
        Assert.Equal([false, true], again.Reports[0].Goals.Select(goal => goal.IsMet));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"machine":null,"packages":"","reports":[]}""")]
    public void Parse_OtherJson_Throws(string json) => Assert.ThrowsAny<JsonException>(() => ResultSet.Parse(json));

    [Theory]
    [InlineData("recorded", Names.PlainText, Names.Stream, Names.MedianNanoseconds)]
    [InlineData("ratios", "none", Names.Stream, Names.MedianNanoseconds)]
    [InlineData("ratios", Names.PlainText, "none", Names.MedianNanoseconds)]
    [InlineData("ratios", Names.PlainText, Names.Stream, "none")]
    [InlineData("ratios", Names.PlainText, Names.ParserStream, "B a stream")]
    public void Find_NotPresent_ReturnsNull(string command, string table, string row, string column) =>
        Assert.Null(Sets.Small().Find(command, table, row, column));

    [Theory]
    [InlineData("Intel(R) Xeon(R) Processor @ 2.50GHz", "intel-xeon-2.50ghz-2026-11-21")]
    [InlineData("AMD EPYC 9R14 96-Core Processor", "amd-epyc-9r14-96-core-2026-11-21")]
    public void FileName_FromMachine_ContainsProcessorAndDate(string processor, string expected) =>
        Assert.Equal(expected, Sets.Small(processor).Machine.FileName);

    [Fact]
    public void Markdown_CellsOfUnequalWidth_AlignsColumns()
    {
        string[] lines = Markdown.Write(Sets.Small().Reports[0].Tables[0]).Split('\n');
        Assert.Equal("### chat-completions/tokens", lines[0]);
        Assert.Equal("| reader                             | median ns | B a stream |", lines[2]);
        Assert.Equal("|------------------------------------|----------:|-----------:|", lines[3]);
        Assert.Equal("| newline search                     |      11.3 |          0 |", lines[4]);
        Assert.Equal("| SseParser + System.Text.Json 4 KiB |   1,234.6 |            |", lines[6]);
        Assert.Single(lines.Skip(2).Take(6).Select(line => line.Length).Distinct());
    }
}
