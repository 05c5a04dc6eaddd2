using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using RawLlm.Protocols;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>recorded</c>: how many frames of recordings are predicted, by service, and what that saves.</summary>
internal sealed class RecordedCommand : Command
{
    private readonly Argument<DirectoryInfo> _folder = new("folder") { Description = "The folder of recordings, with its MANIFEST.tsv." };

    public RecordedCommand()
        : base("recorded", "Hit rates and times on recordings of real services.")
    {
        Arguments.Add(_folder);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
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
        Console.WriteLine($"{"wire and service",-40} streams   frames  predicted     ns on    ns off   strings known");
        foreach (var (name, total) in totals)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-40} {total.Streams,7} {total.Frames,8} {100.0 * total.Predicted / Math.Max(1, total.Frames),8:F1} % {total.On / Math.Max(1, total.Frames),9:F0} {total.Off / Math.Max(1, total.Frames),9:F0} {100.0 * total.Known / Math.Max(1, total.Pieces),8:F1} %"));
        return 0;
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
