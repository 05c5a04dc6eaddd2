using RawLlm.Framing;
using RawLlm.Protocols;
using RawLlm.Traffic;

namespace RawLlm.Comparisons.Recorded;

/// <summary>A stream that a real service sent.</summary>
/// <param name="Wire">Its wire, by its name in the folder of recordings.</param>
/// <param name="Service">The service that sent it.</param>
/// <param name="Protocol">The protocol that reads it.</param>
/// <param name="Shape">Its bytes, and where its events end.</param>
internal sealed record Recording(string Wire, string Service, WireProtocol Protocol, TrafficShape Shape)
{
    /// <summary>All recorded streams with their original bytes, or with only the IDs removed (authenticity A and B).</summary>
    public static IEnumerable<Recording> Load(string folder)
    {
        foreach (string line in File.ReadLines(Path.Combine(folder, "MANIFEST.tsv")).Skip(1))
        {
            string[] columns = line.Split('\t');
            if (columns[1] == "stream" && (columns[9] is "A" or "B") && ProtocolOf(columns[2]) is { } protocol)
            {
                yield return new(
                    columns[2],
                    columns[3],
                    protocol,
                    Shaped(columns[0], protocol, File.ReadAllBytes(Path.Combine(folder, "streams", columns[0])))
                );
            }
        }
    }

    private static WireProtocol? ProtocolOf(string wire) =>
        wire switch
        {
            "openai-chat" => new ChatCompletionsProtocol(),
            "openai-responses" => new ResponsesProtocol(),
            "anthropic" => new AnthropicProtocol(),
            "gemini" or "gemini-jsonarray" => new GeminiProtocol(),
            "ollama" => new OllamaProtocol(),
            "bedrock-converse" => new ConverseProtocol(),
            "bedrock-invoke" => new BedrockInvokeProtocol(),
            _ => null,
        };

    private static TrafficShape Shaped(string name, WireProtocol protocol, byte[] body)
    {
        using var frames = FramesOf(protocol);
        var ends = new List<int>();
        int at = 0;
        while (frames.TryRead(body.AsSpan(at), isFinal: true, out _, out int consumed))
        {
            at += consumed;
            ends.Add(at);
        }
        int count = Math.Max(1, ends.Count);
        if (at < body.Length)
            ends.Add(body.Length);
        return new TrafficShape
        {
            Name = name,
            Bytes = body,
            WriteEnds = ends,
            ChunkCount = count,
            CommentCount = 0,
            Choices = [],
        };
    }

    private static FrameReader FramesOf(WireProtocol protocol) =>
        protocol switch
        {
            GeminiProtocol => new GeminiFrames(),
            OllamaProtocol => new JsonLinesReader(),
            ConverseProtocol or BedrockInvokeProtocol => new AwsEventStreamReader(),
            _ => new SseReader(),
        };
}
