using System.CommandLine;
using System.Diagnostics;
using RawLlm.Comparisons.Results;
using RawLlm.Protocols;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>recorded</c>: how many frames of recordings are predicted, by service, and what that saves.</summary>
internal sealed class RecordedCommand : MeasuringCommand
{
    private readonly Argument<DirectoryInfo> _folder = new("folder") { Description = "The folder of recordings, with its MANIFEST.tsv." };

    public RecordedCommand()
        : base("recorded", "Hit rates and times on recordings of real services.")
    {
        Arguments.Add(_folder);
    }

    protected override Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        string folder = parsed.GetValue(_folder)!.FullName;
        var totals = new SortedDictionary<string, (long Frames, long Predicted, double On, double Off, int Streams, long Pieces, long Known)>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(Path.Combine(folder, "MANIFEST.tsv")).Skip(1))
        {
            string[] columns = line.Split('\t');
            if (columns[1] != "stream" || columns[9] is not ("A" or "B") || Protocol(columns[2]) is not { } protocol)
                continue;
            byte[] body = File.ReadAllBytes(Path.Combine(folder, "streams", columns[0]));
            var on = Best(protocol, body, prediction: true);
            var off = Best(protocol, body, prediction: false);
            string key = $"{columns[2]} {columns[3]}";
            totals.TryGetValue(key, out var total);
            totals[key] = (total.Frames + on.Frames, total.Predicted + on.Predicted, total.On + on.Time, total.Off + off.Time, total.Streams + 1, total.Pieces + on.Pieces, total.Known + on.Known);
        }
        return Task.FromResult(new Report(Name, "Recordings of real services, decoded from memory: the best of fifteen times, with prediction and without. Strings known: pieces of up to 16 bytes that had come before in the same stream.",
            [
                new Table("recordings", "wire and service", [new("streams"), new("frames"), new("predicted %", 1), new("ns a frame, on"), new("ns a frame, off"), new("strings known %", 1)],
                    [.. totals.Select(entry => new Row(entry.Key, [entry.Value.Streams, entry.Value.Frames, 100.0 * entry.Value.Predicted / Math.Max(1, entry.Value.Frames), entry.Value.On / Math.Max(1, entry.Value.Frames), entry.Value.Off / Math.Max(1, entry.Value.Frames), 100.0 * entry.Value.Known / Math.Max(1, entry.Value.Pieces)]))]),
            ], []));
    }

    private static WireProtocol? Protocol(string wire) => wire switch
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

    private static (long Frames, long Predicted, double Time, long Pieces, long Known) Best(WireProtocol protocol, byte[] body, bool prediction)
    {
        (long Frames, long Predicted, double Time, long Pieces, long Known) best = default;
        best.Time = double.MaxValue;
        for (int i = 0; i < 15; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using var decoder = protocol.CreateDecoder(new DecoderOptions { Prediction = prediction });
            var known = i == 0 ? new HashSet<string>() : null;
            try
            {
                body.CopyTo(decoder.GetSpan(body.Length));
                decoder.Advance(body.Length);
                decoder.Complete();
                while (decoder.TryRead())
                {
                    if (known is not null && decoder.Current is { Kind: StreamEventKind.Text } e)
                    {
                        best.Pieces++;
                        if (e.Utf8.Length <= 16 && !known.Add(e.ToString()))
                            best.Known++;
                    }
                }
            }
            catch (LlmException)
            {
                // A stream of an error, or one that broke off.
            }
            best.Time = Math.Min(best.Time, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            best.Frames = decoder.FrameCount;
            best.Predicted = decoder.PredictedCount;
        }
        return best;
    }
}
