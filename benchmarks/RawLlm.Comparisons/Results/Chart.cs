using System.Globalization;
using System.Security;
using System.Text;

namespace RawLlm.Comparisons.Results;

/// <summary>Draws the most important figures as bars, in a self-contained SVG with a light and a dark color scheme.</summary>
internal static class Chart
{
    /// <summary>The name under which it is committed, next to the figures.</summary>
    public const string FileName = "comparisons.svg";

    private const int Width = 840;
    private const int BarLeft = 290;
    private const int BarWidth = 440;
    private const int BarHeight = 18;
    private const int Step = 26;
    private const int Margin = 24;

    /// <summary>Draws the groups that were measured.</summary>
    public static string Draw(ResultSet set)
    {
        var groups = Groups(set).Where(group => group.Bars.Count > 1).ToList();
        int height = (2 * Margin) + 44 + groups.Sum(group => 40 + (group.Bars.Count * Step));
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title description\">\n"
        );
        svg.Append("  <title id=\"title\">RawLlm compared with floors and rivals</title>\n");
        svg.Append(CultureInfo.InvariantCulture, $"  <desc id=\"description\">{Escape(Describe(groups))}</desc>\n");
        svg.Append(
            """
              <style>
                .page { fill: #ffffff; stroke: #d0d7de; }
                text { fill: #1f2328; font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
                .heading { font-weight: 600; font-size: 14px; }
                .note { fill: #59636e; font-size: 12px; }
                .label { text-anchor: end; }
                .strong { font-weight: 600; }
                .floor { fill: #8c959f; }
                .own { fill: #0969da; }
                .rival { fill: #c2601c; }
                @media (prefers-color-scheme: dark) {
                  .page { fill: #0d1117; stroke: #30363d; }
                  text { fill: #e6edf3; }
                  .note { fill: #9198a1; }
                  .floor { fill: #7d8590; }
                  .own { fill: #58a6ff; }
                  .rival { fill: #e08a4a; }
                }
              </style>

            """.ReplaceLineEndings("\n")
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"  <rect class=\"page\" x=\"0.5\" y=\"0.5\" width=\"{Width - 1}\" height=\"{height - 1}\" rx=\"8\"/>\n"
        );
        int y = Margin;
        foreach (var group in groups)
            Draw(group, svg, ref y);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"  <text class=\"note\" x=\"{Margin}\" y=\"{y + 24}\">Shorter is better. Gray: the minimum that any reader needs; blue: RawLlm; orange: rivals.</text>\n"
        );
        svg.Append(
            CultureInfo.InvariantCulture,
            $"  <text class=\"note\" x=\"{Margin}\" y=\"{y + 42}\">{Escape($"{set.Machine.Processor}, {set.Machine.Runtime}, {set.Machine.Date}; medians.")}</text>\n"
        );
        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(BarGroup group, StringBuilder svg, ref int y)
    {
        double longest = group.Bars.Max(bar => bar.Value);
        svg.Append(CultureInfo.InvariantCulture, $"  <text class=\"heading\" x=\"{Margin}\" y=\"{y + 14}\">{Escape(group.Title)}</text>\n");
        y += 28;
        foreach (var bar in group.Bars)
        {
            // An invisibly short bar would look as if nothing had been measured.
            double width = Math.Max(2, bar.Value / longest * BarWidth);
            string strong = bar.Style == "own" ? " strong" : "";
            svg.Append(
                CultureInfo.InvariantCulture,
                $"  <text class=\"label{strong}\" x=\"{BarLeft - 10}\" y=\"{y + 14}\">{Escape(bar.Label)}</text>\n"
            );
            svg.Append(
                CultureInfo.InvariantCulture,
                $"  <rect class=\"{bar.Style}\" x=\"{BarLeft}\" y=\"{y}\" width=\"{width:0.#}\" height=\"{BarHeight}\" rx=\"2\"/>\n"
            );
            svg.Append(
                CultureInfo.InvariantCulture,
                $"  <text class=\"value{strong}\" x=\"{BarLeft + width + 8:0.#}\" y=\"{y + 14}\">{Number(bar, group)}</text>\n"
            );
            y += Step;
        }
        y += 12;
    }

    private static IEnumerable<BarGroup> Groups(ResultSet set)
    {
        yield return new(
            "Chat completions, text, nanoseconds per chunk",
            0,
            Bars(
                set,
                "ratios",
                Names.PlainText,
                Names.MedianNanoseconds,
                (Names.Newlines, "search for line ends", "floor"),
                (Names.Stream, "RawLlm", "own"),
                (Names.Advancing, "Utf8JsonReader over all tokens", "floor"),
                (Names.ParserStream, "SseParser + System.Text.Json", "rival"),
                (Names.OpenAIStream, "OpenAI package", "rival")
            )
        );
        yield return new(
            "Anthropic's wire, text, nanoseconds per chunk",
            0,
            Bars(
                set,
                "ratios",
                Names.AnthropicText,
                Names.MedianNanoseconds,
                (Names.Newlines, "search for line ends", "floor"),
                (Names.Stream, "RawLlm", "own"),
                (Names.ParserStream, "SseParser + System.Text.Json", "rival"),
                (Names.AnthropicStream, "Anthropic package", "rival")
            )
        );
        yield return new(
            "One chunk after other work (cold caches), from read to text, nanoseconds",
            0,
            Bars(
                set,
                "cold",
                Names.ColdCaches,
                Names.P50,
                (Names.Utf8, "RawLlm", "own"),
                (Names.Parser, "SseParser + System.Text.Json", "rival"),
                (Names.Sdk, "OpenAI package", "rival")
            )
        );
        yield return new(
            "Request of 200 messages and 20 tools, microseconds",
            0,
            Bars(
                set,
                "request",
                Names.LongRequest,
                Names.MedianMicroseconds,
                (Names.Transcoding, "UTF-16 to UTF-8 of its text", "floor"),
                (Names.Sending, "RawLlm", "own"),
                (Names.Growing, "RawLlm, one message more", "own"),
                (Names.PlatformSending, "Utf8JsonWriter, HttpClient", "rival"),
                (Names.Sdk, "OpenAI package", "rival")
            )
        );
        yield return new(
            "Managed memory of an idle stream on HTTP/1.1, KiB",
            1,
            Bars(
                set,
                "streams",
                Names.Http1Streams,
                Names.LiveKibibytes,
                (Names.HttpUnbuffered, "HttpClient without a buffer", "floor"),
                (Names.RawLlm, "RawLlm", "own"),
                (Names.Parser, "SseParser + System.Text.Json", "rival"),
                (Names.Sdk, "OpenAI package", "rival")
            )
        );
        yield return new(
            "Native program, MB",
            2,
            Bars(
                set,
                "aot",
                Names.NativePrograms,
                Names.Megabytes,
                (Names.Http, "HttpClient alone", "floor"),
                (Names.RawLlmWhole, "RawLlm", "own"),
                (Names.RawLlm, "RawLlm, no decompressors", "own"),
                (Names.Sdk, "OpenAI package", "rival")
            )
        );
    }

    private static List<Bar> Bars(
        ResultSet set,
        string command,
        string table,
        string column,
        params ReadOnlySpan<(string Row, string Label, string Style)> rows
    )
    {
        var bars = new List<Bar>();
        foreach (var (row, label, style) in rows)
        {
            if (set.Find(command, table, row, column) is { } value)
                bars.Add(new(label, value, style));
        }
        return bars;
    }

    private static string Describe(List<BarGroup> groups) =>
        string.Join(
            ' ',
            groups.Select(group => $"{group.Title}: {string.Join(", ", group.Bars.Select(bar => $"{bar.Label} {Number(bar, group)}"))}.")
        );

    private static string Number(Bar bar, BarGroup group) =>
        bar.Value.ToString("N" + group.Decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
