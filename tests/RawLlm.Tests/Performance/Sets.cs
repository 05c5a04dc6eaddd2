using RawLlm.Comparisons.Results;

namespace RawLlm.Tests.Performance;

/// <summary>A small set of results.</summary>
internal static class Sets
{
    public static ResultSet Small(string processor = "Some <Processor> & Sons @ 2.50GHz") =>
        new(
            new Machine(processor, 2, 512, ".NET 10.0.12, X64", "2026-11-21"),
            "OpenAI 2.15.0",
            [
                new Report(
                    "ratios",
                    "Streams in memory.",
                    [
                        new Table(
                            Names.PlainText,
                            "reader",
                            [new(Names.MedianNanoseconds, 1), new("B a stream")],
                            [
                                new Row(Names.Newlines, [11.25, 0]),
                                new Row(Names.Stream, [15.5, 1608]),
                                new Row(Names.ParserStream, [1234.56, null]),
                                new Row(Names.OpenAIStream, [2469.12, 4620216]),
                            ]
                        ),
                    ],
                    [new("a", 1, 2, IsLeast: true, "x"), new("b", 1, 2, IsLeast: false, "KiB")]
                ),
                new Report(
                    "streams",
                    "Idle streams.",
                    [
                        new Table(
                            Names.Http1Streams,
                            "client",
                            [new(Names.LiveKibibytes, 2)],
                            [new Row(Names.RawLlm, [12.34]), new Row(Names.HttpUnbuffered, [11.9])]
                        ),
                    ],
                    []
                ),
            ]
        );
}
