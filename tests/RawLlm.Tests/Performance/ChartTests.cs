using System.Xml.Linq;
using RawLlm.Comparisons.Results;

namespace RawLlm.Tests.Performance;

public sealed class ChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Chart_FromResults_IsWellFormedAndHasDescription()
    {
        var chart = XDocument.Parse(Chart.Draw(Sets.Small())).Root!;
        Assert.Equal(Svg + "svg", chart.Name);
        Assert.Equal("img", chart.Attribute("role")!.Value);
        Assert.Equal(["title", "description"], chart.Attribute("aria-labelledby")!.Value.Split(' '));
        Assert.Equal("title", chart.Element(Svg + "title")!.Attribute("id")!.Value);
        Assert.Contains("RawLlm 16, SseParser + System.Text.Json 1,235", chart.Element(Svg + "desc")!.Value, StringComparison.Ordinal);
        Assert.Contains(
            "Some <Processor> & Sons",
            string.Concat(chart.Elements(Svg + "text").Select(text => text.Value)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Chart_FromResults_HasNoExternalReferences()
    {
        var chart = XDocument.Parse(Chart.Draw(Sets.Small()));
        Assert.DoesNotContain(chart.Descendants(), element => element.Name.LocalName is "image" or "script" or "use" or "foreignObject");
        Assert.DoesNotContain(
            chart.Descendants().Attributes(),
            attribute => attribute.Name.LocalName == "href" || attribute.Value.Contains("url(", StringComparison.Ordinal)
        );
        Assert.DoesNotContain("@import", chart.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("@font-face", chart.ToString(), StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", chart.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bars_AnyLength_AreProportionalAndInsidePage()
    {
        var chart = XDocument.Parse(Chart.Draw(Sets.Small())).Root!;
        double Number(XElement element, string name) =>
            double.Parse(element.Attribute(name)!.Value, System.Globalization.CultureInfo.InvariantCulture);
        var bars = chart.Elements(Svg + "rect").Where(bar => bar.Attribute("class")!.Value != "page").ToList();
        Assert.Equal(6, bars.Count);
        // The group of chat completions: 1,234.56 of 2,469.12 is half.
        Assert.Equal(0.5, Number(bars[2], "width") / Number(bars[3], "width"), 0.001);
        Assert.All(bars, bar => Assert.InRange(Number(bar, "x") + Number(bar, "width"), 0, Number(chart, "width")));
        Assert.All(
            chart.Elements().Where(element => element.Attribute("y") is not null),
            element => Assert.InRange(Number(element, "y"), 0, Number(chart, "height"))
        );
    }

    [Fact]
    public void ReadmeSection_MissingFigures_OmitsUnmeasuredRows()
    {
        string section = ReadmeSection.Write(Sets.Small());
        Assert.Contains(
            "| one chunk of text, in reads of 4 KiB | **16 ns** | 11 ns | 1,235 ns | 2,469 ns |\n",
            section,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "| managed memory of an idle stream, HTTP/1.1 | **12.3 KiB** | 11.9 KiB |  |  |\n",
            section,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("native program", section, StringComparison.Ordinal);
        Assert.Contains("1 of 2 goals are met", section, StringComparison.Ordinal);
    }
}
