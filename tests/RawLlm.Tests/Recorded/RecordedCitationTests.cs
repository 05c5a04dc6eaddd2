using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Compares the citations of recorded answers with a count of those in their JSON.</summary>
public sealed class RecordedCitationTests(ITestOutputHelper output)
{
    private static readonly (string Wire, Func<WireProtocol> Create)[] Wires =
    [
        ("openai-chat", () => new ChatCompletionsProtocol()),
        ("openai-responses", () => new ResponsesProtocol()),
        ("anthropic", () => new AnthropicProtocol()),
        ("gemini", () => new GeminiProtocol()),
        ("bedrock-converse", () => new ConverseProtocol()),
    ];

    [Fact]
    public void Citations_OfRecordedAnswers_AreCompleteAndPointIntoText()
    {
        int answers = 0;
        int placed = 0;
        foreach (var (wire, create) in Wires)
        {
            foreach (var recording in Recording.All(wire, "stream").Concat(Recording.All(wire, "unary")))
            {
                byte[] body = recording.Read();
                var reply = (recording.Kind == "stream" ? Decoded.Stream(create(), body) : Decoded.Whole(create(), body)).Reply;
                if (reply.Citations.Count == 0)
                    continue;
                answers++;
                output.WriteLine($"{recording.File}: {reply.Citations.Count}");
                foreach (var citation in reply.Citations)
                {
                    Assert.True(
                        citation.Url is not null
                            || citation.Title is not null
                            || citation.FileId is not null
                            || citation.CitedText is not null
                            || citation.DocumentIndex is not null,
                        recording.File
                    );
                    if (citation is not { Start: { } start, End: { } end })
                        continue;
                    placed++;
                    string passage = ((TextPart)reply.Message.Parts[citation.PartIndex!.Value]).Text[start..end];
                    output.WriteLine($"   {citation}: {(passage.Length > 90 ? passage[..90] : passage)}");
                    var json = JsonNode.Parse(citation.Json.Utf8)!;
                    if (json is JsonObject && json["groundingSupport"]?["segment"]?["text"] is { } text)
                        Assert.Equal((string?)text, passage);
                    // These services write the cited URL into the text.
                    if (wire == "openai-responses" && json["type"]!.GetValue<string>() == "url_citation")
                        Assert.Contains(citation.Url!, passage, StringComparison.Ordinal);
                }
                if (recording.Kind == "stream" && Count(wire, body) is { } count)
                    Assert.True(count == reply.Citations.Count, $"{recording.File}: {count} in its JSON, {reply.Citations.Count} given");
            }
        }
        output.WriteLine($"{answers} answers, {placed} citations with a place");
    }

    // Returns how many citations the stream contains, if that is easy to count.
    private static int? Count(string wire, byte[] body)
    {
        string text = Encoding.UTF8.GetString(body);
        return wire switch
        {
            "anthropic" => text.Split("\"citations_delta\"").Length - 1,
            "openai-responses" => Documents(text)
                .Where(e => (string?)e["type"] is "response.completed" or "response.incomplete")
                .Sum(e =>
                    e["response"]!["output"]!
                        .AsArray()
                        .Sum(item =>
                            item!["content"] is JsonArray content
                                ? content.Sum(part => part!["annotations"] is JsonArray all ? all.Count : 0)
                                : 0
                        )
                ),
            "gemini" => Documents(text)
                .Sum(e =>
                    e["candidates"]?[0]?["groundingMetadata"]?["groundingSupports"] is JsonArray supports
                        ? supports.Sum(support => support!["groundingChunkIndices"]!.AsArray().Count)
                        : 0
                )
                is > 0
                    and var count
                ? count
                : null,
            _ => null,
        };
    }

    private static IEnumerable<JsonNode> Documents(string text)
    {
        foreach (
            string line in text.Split('\n')
                .Where(line => line.StartsWith("data:", StringComparison.Ordinal) && !line.Contains("[DONE]", StringComparison.Ordinal))
        )
        {
            JsonNode? node = null;
            try
            {
                node = JsonNode.Parse(line[5..]);
            }
            catch (JsonException)
            {
                // One of several lines of an event.
            }
            if (node is JsonObject)
                yield return node;
        }
    }
}
