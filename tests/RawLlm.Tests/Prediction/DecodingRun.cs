using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Prediction;

/// <summary>Decodes a body in given pieces and returns everything observable, as a hash to compare or as text to read.</summary>
internal static class DecodingRun
{
    /// <summary>Returns a hash of everything observable, and the number of predicted frames.</summary>
    public static (int Hash, long Predicted) Hash(StreamDecoder decoder, ReadOnlySpan<byte> body, ulong pieces) =>
        Run(decoder, body, pieces, null);

    /// <summary>Returns everything observable, one line per event.</summary>
    public static string Describe(StreamDecoder decoder, ReadOnlySpan<byte> body, ulong pieces)
    {
        var text = new StringBuilder();
        Run(decoder, body, pieces, text);
        return text.ToString();
    }

    private static (int Hash, long Predicted) Run(StreamDecoder decoder, ReadOnlySpan<byte> body, ulong pieces, StringBuilder? text)
    {
        var random = new SplitMix64(pieces);
        int most = random.Below(8) switch
        {
            0 => 1,
            1 => 7,
            2 => 40,
            3 => 300,
            4 => 1000,
            _ => int.MaxValue,
        };
        var hash = new HashCode();
        byte[] lent = [];
        using (decoder)
        {
            try
            {
                while (true)
                {
                    bool isDrained;
                    while ((isDrained = !decoder.TryRead()) is false)
                    {
                        Add(ref hash, decoder.Current);
                        text?.AppendLine($"{EventText.Line(decoder.Current)} | {Encoding.UTF8.GetString(decoder.Current.Frame)}");
                        // In the middle of frames that were already found to match.
                        if (random.Below(16) == 0)
                            Add(ref hash, decoder.Usage, text);
                        if (random.Below(32) == 0)
                            decoder.ReleaseIfIdle();
                        if (random.Below(32) == 0)
                            break;
                    }
                    // The lent bytes belong to their owner again.
                    if (isDrained)
                        lent.AsSpan().Fill((byte)'"');
                    if (decoder.IsEnded && isDrained)
                        break;
                    if (random.Below(8) == 0)
                        Add(ref hash, decoder.Usage, text);
                    if (random.Below(8) == 0)
                        decoder.ReleaseIfIdle();
                    if (body.IsEmpty)
                    {
                        decoder.Complete();
                        continue;
                    }
                    int length = Math.Min(body.Length, most == int.MaxValue ? body.Length : 1 + random.Below(most));
                    if (random.Below(4) == 0)
                    {
                        lent = body[..length].ToArray();
                        decoder.Append(lent);
                    }
                    else
                    {
                        // The bytes after the piece stand for those of an earlier read: the decoder must not look at them.
                        var room = decoder.GetSpan(length + 16);
                        room.Fill((byte)'"');
                        body[..length].CopyTo(room);
                        decoder.Advance(length);
                    }
                    body = body[length..];
                }
            }
            catch (LlmException e)
            {
                hash.Add(e.Kind);
                hash.Add(e.Message);
                hash.Add(e.Limit);
                hash.Add(e.Usage);
                hash.Add(e.ProviderCode);
                text?.AppendLine($"{e.Kind}: {e.Message} {e.Limit} {e.Usage}");
            }
            Add(ref hash, decoder.Usage, text);
            hash.Add(decoder.FrameCount);
            hash.Add(decoder.HasContent);
            foreach (var quirk in decoder.Quirks)
            {
                hash.Add(quirk.Kind);
                hash.Add(quirk.Place);
            }
            text?.AppendLine($"{decoder.FrameCount} frames, {string.Join(", ", decoder.Quirks)}, content {decoder.HasContent}");
            return (hash.ToHashCode(), decoder.PredictedCount);
        }
    }

    private static void Add(ref HashCode hash, in StreamEvent e)
    {
        hash.Add((int)e.Kind);
        hash.Add(e.Choice);
        hash.Add(e.Index);
        hash.AddBytes(e.Utf8);
        hash.AddBytes(e.Frame);
        hash.Add(e.Id);
        hash.Add(e.Name);
        hash.Add(e.StopReason);
        hash.Add(e.RawStopReason);
        hash.Add(e.StopMessage);
        hash.Add(e.StopSequence);
        hash.Add(e.Usage);
    }

    private static void Add(ref HashCode hash, Usage? usage, StringBuilder? text)
    {
        hash.Add(usage);
        if (usage is not null)
            text?.AppendLine($"usage so far: {usage}");
    }
}
