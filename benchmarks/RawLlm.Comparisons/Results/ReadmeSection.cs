using System.Globalization;
using System.Text;

namespace RawLlm.Comparisons.Results;

/// <summary>The README's figures.</summary>
internal static class ReadmeSection
{
    /// <summary>Writes the table and the paragraph below it, with line feeds.</summary>
    public static string Write(ResultSet set)
    {
        var text = new StringBuilder("| | RawLlm | floor | `SseParser` + System.Text.Json | OpenAI package |\n|---|---:|---:|---:|---:|\n");
        Line(
            "one chunk of text, in reads of 4 KiB",
            "ns",
            0,
            "ratios",
            Names.PlainText,
            Names.MedianNanoseconds,
            Names.Stream,
            Names.Newlines,
            Names.ParserStream,
            Names.OpenAIStream
        );
        Line(
            "one chunk after other work (cold caches), from read to text",
            "ns",
            0,
            "cold",
            Names.ColdCaches,
            Names.P50,
            Names.Utf8,
            null,
            Names.Parser,
            Names.Sdk
        );
        Line(
            "processor time per chunk above bare `HttpClient`, loopback",
            "µs",
            2,
            "e2e",
            Names.ProcessorTime,
            Names.AboveHttp,
            Names.RawLlm,
            null,
            Names.Parser,
            Names.Sdk
        );
        Line(
            "first text above bare `HttpClient`, loopback",
            "µs",
            1,
            "e2e",
            Names.FirstText,
            Names.AboveHttp,
            Names.RawLlm,
            null,
            Names.Parser,
            Names.Sdk
        );
        Line(
            "request of 200 messages and 20 tools",
            "µs",
            0,
            "request",
            Names.LongRequest,
            Names.MedianMicroseconds,
            Names.Sending,
            Names.Transcoding,
            null,
            Names.Sdk
        );
        Line(
            "the same conversation with one message more",
            "µs",
            0,
            "request",
            Names.LongRequest,
            Names.MedianMicroseconds,
            Names.Growing,
            null,
            null,
            Names.Sdk
        );
        Line(
            "managed memory of an idle stream, HTTP/1.1",
            "KiB",
            1,
            "streams",
            Names.Http1Streams,
            Names.LiveKibibytes,
            Names.RawLlm,
            Names.HttpUnbuffered,
            Names.Parser,
            Names.Sdk
        );
        Line(
            "managed memory of an idle stream, HTTP/2",
            "KiB",
            1,
            "streams",
            Names.Http2Streams,
            Names.LiveKibibytes,
            Names.RawLlm,
            Names.HttpUnbuffered,
            Names.Parser,
            Names.Sdk
        );
        Line("native program", "MB", 2, "aot", Names.NativePrograms, Names.Megabytes, Names.RawLlmWhole, Names.Http, null, Names.Sdk);
        Line(
            "native program without decompressors",
            "MB",
            2,
            "aot",
            Names.NativePrograms,
            Names.Megabytes,
            Names.RawLlm,
            Names.Http,
            null,
            null
        );
        if (
            set.Find("ratios", Names.AnthropicText, Names.AnthropicStream, Names.MedianNanoseconds)
                / set.Find("ratios", Names.AnthropicText, Names.Stream, Names.MedianNanoseconds) is
            { } factor
        )
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\nOn Anthropic's wire, RawLlm reads a chunk {factor:0} times as fast as the Anthropic package. "
            );
        }
        else
            text.Append('\n');
        var goals = set.Reports.SelectMany(report => report.Goals).ToList();
        text.Append(
            CultureInfo.InvariantCulture,
            $"Measured on {set.Machine.Processor}, {set.Machine.Cores} cores,\n{set.Machine.Runtime}, {set.Machine.Date}; {goals.Count(goal => goal.IsMet)} of {goals.Count} goals are met. A floor is the minimum that any reader needs: a search\nfor line ends, a conversion of the encoding, `HttpClient` alone.\n"
        );
        return text.ToString();

        void Line(
            string what,
            string unit,
            int decimals,
            string command,
            string table,
            string column,
            string mine,
            string? floor,
            string? parser,
            string? sdk
        )
        {
            if (Cell(mine) is not { Length: > 0 } own)
                return;
            text.Append(CultureInfo.InvariantCulture, $"| {what} | **{own}** | {Cell(floor)} | {Cell(parser)} | {Cell(sdk)} |\n");

            string Cell(string? row) =>
                row is not null && set.Find(command, table, row, column) is { } value
                    ? value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + " " + unit
                    : "";
        }
    }
}
