using System.Buffers.Binary;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Prediction;

/// <summary>Bodies of streams, cut into frames, to be put together anew: recordings where they are present, wire cases, and made-up traffic.</summary>
internal sealed record StreamCorpus(string Name, WireProtocol Protocol, IReadOnlyList<byte[]> Frames)
{
    private static readonly (string Wire, Func<WireProtocol> Create)[] Wires =
    [
        ("openai-chat", () => new ChatCompletionsProtocol()),
        ("openai-responses", () => new ResponsesProtocol()),
        ("anthropic", () => new AnthropicProtocol()),
        ("gemini", () => new GeminiProtocol()),
        ("gemini-jsonarray", () => new GeminiProtocol()),
        ("ollama", () => new OllamaProtocol()),
        ("bedrock-converse", () => new ConverseProtocol()),
        ("bedrock-invoke", () => new BedrockInvokeProtocol()),
    ];

    /// <summary>True for the binary event stream, whose messages bear checksums.</summary>
    public bool IsBinary => Protocol is ConverseProtocol or BedrockInvokeProtocol;

    public static IReadOnlyList<StreamCorpus> All => field ??= [.. Recorded().Concat(Cases()).Concat(MadeUp()).Where(corpus => corpus.Frames.Count > 0)];

    private static IEnumerable<StreamCorpus> Recorded()
    {
        foreach (var (wire, create) in Wires)
        {
            foreach (var recording in Recording.All(wire, "stream"))
                yield return Cut(recording.File, create(), recording.Read());
        }
    }

    private static IEnumerable<StreamCorpus> Cases()
    {
        foreach (var wireCase in WireCase.All().Where(wireCase => wireCase.IsStream))
            yield return Cut($"{wireCase.Protocol}/{wireCase.Name}", WireProtocols.Get(wireCase.Protocol), wireCase.ReadBody());
    }

    // What recordings show only one at a time: counts in some of the chunks, and several choices.
    private static IEnumerable<StreamCorpus> MadeUp()
    {
        foreach (int choices in (int[])[1, 2])
        {
            var text = new StringBuilder();
            for (int i = 0; i < 12; i++)
            {
                string usage = i % 3 == 0 ? "null" : $$"""{"prompt_tokens":3,"completion_tokens":{{i}},"total_tokens":{{3 + i}}}""";
                text.Append($$$"""data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":{{{i % choices}}},"delta":{"content":"a{{{i}}}"},"finish_reason":null}],"usage":{{{usage}}}}""").Append("\n\n");
            }
            for (int i = 0; i < choices; i++)
                text.Append($$$"""data: {"id":"x","object":"chat.completion.chunk","model":"m","choices":[{"index":{{{i}}},"delta":{},"finish_reason":"stop"}]}""").Append("\n\n");
            text.Append("data: [DONE]\n\n");
            yield return Cut($"made up, {choices} choices", new ChatCompletionsProtocol(), Encoding.UTF8.GetBytes(text.ToString()));
        }
    }

    private static StreamCorpus Cut(string name, WireProtocol protocol, byte[] body)
    {
        var frames = new List<byte[]>();
        bool isBinary = protocol is ConverseProtocol or BedrockInvokeProtocol;
        for (int at = 0; at < body.Length;)
        {
            var rest = body.AsSpan(at);
            int length = isBinary ? BinaryLength(rest) : TextLength(rest, protocol is OllamaProtocol);
            frames.Add(rest[..length].ToArray());
            at += length;
        }
        return new StreamCorpus(name, protocol, frames);
    }

    private static int BinaryLength(ReadOnlySpan<byte> rest)
    {
        uint length = rest.Length < 4 ? uint.MaxValue : BinaryPrimitives.ReadUInt32BigEndian(rest);
        return length is >= 16 and < int.MaxValue && length <= rest.Length ? (int)length : rest.Length;
    }

    private static int TextLength(ReadOnlySpan<byte> rest, bool isLines)
    {
        int end = isLines ? rest.IndexOf((byte)'\n') : rest.IndexOf("\n\n"u8) is var two and >= 0 ? two + 1 : -1;
        int crlf = isLines ? -1 : rest.IndexOf("\r\n\r\n"u8);
        if (crlf >= 0 && (end < 0 || crlf < end))
            end = crlf + 3;
        return end < 0 ? rest.Length : end + 1;
    }
}
