using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

/// <summary>Streams in which each of many small events refers to megabytes that arrived before.</summary>
/// <remarks>
/// No test measures time. If every event made the decoder read those megabytes again, these streams would take from minutes to hours, and
/// the run would end by its limit for a hanging test. If the cost is proportional to the bytes of the stream, each takes about a second.
/// </remarks>
public sealed class HostileCostTests
{
    private const int Megabytes = 8 << 20;
    private const int Events = 50_000;

    private const string ResponsesStart = """
        data: {"type":"response.created","response":{"id":"r","status":"in_progress","output":[]}}


        """;

    private const string ResponsesCallStart =
        ResponsesStart
        + """
            data: {"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"i","call_id":"c","name":"f","arguments":""}}


            """;

    private const string ResponsesEnd = """
        data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}


        """;

    [Fact]
    public void Responses_CallEndsRepeatedly_IsValidatedOnce()
    {
        string arguments = "[" + Repeat("0,", Megabytes / 2) + "0]";

        var reply = Read(
            new ResponsesProtocol(),
            ResponsesCallStart + ArgumentsDelta(arguments),
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"i","call_id":"c","name":"f"}}""",
            ResponsesEnd
        );

        Assert.Equal(arguments, Assert.Single(reply.ToolCalls).Arguments);
    }

    [Theory]
    [InlineData("[", "0,", "0]")]
    [InlineData("[\"", "]", "\"]")]
    [InlineData("{}", " ", "")]
    public void Responses_CallEndsAfterEachFragment_IsValidatedOnce(string start, string piece, string end)
    {
        string before = start + Repeat(piece, Megabytes / piece.Length);

        var reply = Read(
            new ResponsesProtocol(),
            ResponsesCallStart + ArgumentsDelta(before),
            [
                $$"""{"type":"response.function_call_arguments.delta","item_id":"i","output_index":0,"delta":"{{Escape(piece)}}"}""",
                """{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"i","call_id":"c","name":"f"}}""",
            ],
            ArgumentsDelta(end) + ResponsesEnd
        );

        Assert.Equal(before + Repeat(piece, Events) + end, Assert.Single(reply.ToolCalls).Arguments);
    }

    // What gateways send if they did not assemble the pieces, which count unless they are empty, too.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Responses_ArgumentsEndEmptyRepeatedly_AreReadOnce(bool isSpaceFirst)
    {
        string space = new(' ', Megabytes);
        string before = isSpaceFirst ? space + "{\"a\":1}" : "{\"a\":1}" + space;

        var reply = Read(
            new ResponsesProtocol(),
            ResponsesCallStart + ArgumentsDelta(before),
            [
                """{"type":"response.function_call_arguments.delta","item_id":"i","output_index":0,"delta":" "}""",
                """{"type":"response.function_call_arguments.done","item_id":"i","output_index":0,"arguments":"{}"}""",
            ],
            ResponsesEnd
        );

        Assert.Equal(before + Repeat(" ", Events), Assert.Single(reply.ToolCalls).Arguments);
        Assert.Contains(reply.Quirks, quirk => quirk.Kind == QuirkKind.ToolArgumentsRepeated);
    }

    [Theory]
    [InlineData("{", "}", "{}", "\"id\":\"c\",")]
    [InlineData("{", "}", "{}", "")]
    [InlineData("{}", "", "{}", "\"id\":\"c\",")]
    [InlineData("{}", "", "", "")]
    public void ChatCompletions_RepeatedCall_IsComparedOnce(string start, string end, string repeated, string id)
    {
        string arguments = start + new string(' ', Megabytes) + end;

        var reply = Read(
            new ChatCompletionsProtocol(),
            ChatDelta($$$"""{"index":0,"id":"c","function":{"name":"f","arguments":"{{{arguments}}}"}}"""),
            $$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,{{{id}}}"function":{"name":"f","arguments":"{{{repeated}}}"}}]}}]}""",
            ChatEnd
        );

        Assert.Equal(arguments, Assert.Single(reply.ToolCalls).Arguments);
    }

    [Theory]
    [InlineData(4000, "{\"segment\":{\"endIndex\":1}}", 4001)]
    [InlineData(4000, "{\"segment\":{\"endIndex\":1},\"groundingChunkIndices\":[0]}", 4000)]
    [InlineData(1, "{\"segment\":{\"endIndex\":1},\"groundingChunkIndices\":[0]}", 1)]
    public void Gemini_PassagesOfEarlierSources_DoNotReadSourcesAgain(int sources, string passage, int citations)
    {
        string title = new('x', Megabytes / sources);
        string chunks = string.Join(
            ',',
            Enumerable.Range(0, sources).Select(i => $$$"""{"web":{"uri":"{{{i}}}","title":"{{{title}}}"}}""")
        );

        var reply = Read(
            new GeminiProtocol(),
            $$$"""
            data: {"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"groundingMetadata":{"groundingChunks":[{{{chunks}}}]}}]}


            """,
            $$$"""{"candidates":[{"groundingMetadata":{"groundingSupports":[{{{passage}}}]}}]}""",
            """
            data: {"candidates":[{"finishReason":"STOP"}]}


            """
        );

        Assert.Equal(citations, reply.Citations.Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"type\":\"url_citation\",\"url\":\"7\"}")]
    public void Responses_ShortCitationListAfterLongOne_IsComparedInLinearTime(string listed)
    {
        const int Count = 100_000;

        var reply = Read(
            new ResponsesProtocol(),
            ResponsesStart + PartDone(string.Join(',', Enumerable.Range(0, Count).Select(Citation))),
            PartDone(listed)["data: ".Length..].TrimEnd('\n'),
            ResponsesEnd
        );

        Assert.Equal(Count, reply.Citations.Count());
    }

    [Fact]
    public void Responses_ItemEndsWithEachCitation_DoesNotReturnAllDataEachTime()
    {
        const int Count = 150_000;
        string done =
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"message","id":"m","role":"assistant","content":[]}}""";
        var events = new StringBuilder(ResponsesStart).Append(PartDone(string.Join(',', Enumerable.Range(0, Count).Select(Citation))));
        for (int i = 0; i < Events; i++)
        {
            events.Append(
                $$"""
                data: {"type":"response.output_text.annotation.added","output_index":0,"item_id":"m","content_index":0,"annotation":{{Citation(
                    Count + i
                )}}}

                data: {{done}}


                """
            );
        }

        var reply = Read(new ResponsesProtocol(), events.ToString(), "", 0, ResponsesEnd);

        var part = Assert.IsType<TextPart>(Assert.Single(reply.Message.Parts));
        Assert.Equal(Count + Events, reply.Citations.Count());
        Assert.Equal(
            $$"""{"id":"m","annotations":[{{string.Join(',', Enumerable.Range(0, Count + Events).Select(Citation))}}]}""",
            part.WireData!.Json.ToString()
        );
    }

    [Fact]
    public void Responses_LongEntryOfFinalList_IsUnescapedOnce()
    {
        const int Items = 4000;

        var reply = Read(
            new ResponsesProtocol(),
            ResponsesStart + string.Concat(Enumerable.Range(0, Items).Select(i => TextDelta(i, $"m{i}"))),
            "",
            0,
            Completed(
                $$"""{"type":"message","id":"zz","role":"assistant","content":[{"type":"output_text","text":"{{Repeat("\\n", Megabytes)}}"}]}"""
            )
        );

        Assert.Equal(Items + 1, reply.Message.Parts.Count);
    }

    private static string ChatDelta(string call) =>
        $$$"""
            data: {"choices":[{"index":0,"delta":{"tool_calls":[{{{call}}}]}}]}


            """;

    private const string ChatEnd = """
        data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

        data: [DONE]


        """;

    private static string PartDone(string annotations) =>
        $$$"""
            data: {"type":"response.content_part.done","item_id":"m","output_index":0,"content_index":0,"part":{"type":"output_text","text":"hello","annotations":[{{{annotations}}}]}}


            """;

    private static string Citation(int number) => $$"""{"type":"url_citation","url":"{{number}}"}""";

    private static string TextDelta(int index, string id) =>
        $$"""
            data: {"type":"response.output_text.delta","item_id":"{{id}}","output_index":{{index}},"content_index":0,"delta":"t{{index}}"}


            """;

    private static string Completed(string output) =>
        $$$"""
            data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[{{{output}}}]}}


            """;

    private static string ArgumentsDelta(string text) =>
        $$"""
            data: {"type":"response.function_call_arguments.delta","item_id":"i","output_index":0,"delta":"{{Escape(text)}}"}


            """;

    private static string Escape(string text) => text.Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Repeat(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();

    private static ChatReply Read(WireProtocol protocol, string start, string data, string end) => Read(protocol, start, [data], end);

    private static ChatReply Read(WireProtocol protocol, string start, string[] data, string end) =>
        Read(protocol, start, string.Concat(data.Select(one => $"data: {one}\n\n")), Events, end);

    private static ChatReply Read(WireProtocol protocol, string start, string events, int count, string end)
    {
        var decoded = Decoded.Stream(protocol, Encoding.UTF8.GetBytes(start + Repeat(events, count) + end));
        Assert.Null(decoded.Error);
        return decoded.Reply;
    }
}
