using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Prediction;

/// <summary>Makes a stream from some frames of another: frames are left out, repeated, swapped, and damaged byte by byte.</summary>
internal static partial class StreamMixer
{
    private const int MaxFrames = 14;
    private const int MaxBytes = 6000;

    private static readonly string[] Pieces =
    [
        "\"",
        "\\",
        "\\n",
        "\\\"",
        "\\u00e9",
        "\\ud83d",
        "\\ude00",
        "\\ud83d\\ude00",
        "\\x",
        "\\u12",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "true",
        "0",
        "00",
        "-1",
        "-",
        "1.5",
        "1e9",
        "1e",
        "99999999999999999999",
        "  ",
        " ",
        "    ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "data: ",
        ": ping\n\n",
        "id: 7\n",
        "event: error\n",
        "\u0001",
        "\u007f",
        "é",
        "\ud83d\ude00",
        "a",
        "\"\"",
        "\"stop\"",
        "\"finish_reason\":\"stop\",",
        "\"error\":{\"message\":\"no\"},",
        "\"index\":1,",
        "\"usage\":{\"prompt_tokens\":5},",
        "[1,2,3]",
        "[ 1 , 2 ]",
        "[1,]",
        "{\"a\":[1,\"b\",null]}",
    ];

    // # is a value that differs from frame to frame.
    private static readonly string[] Members =
    [
        "\"cost\":{\"usd\":#}",
        "\"cost\":\"#\"",
        "\"usage\":{\"prompt_tokens\":#,\"completion_tokens\":#}",
        "\"usageMetadata\":{\"promptTokenCount\":#}",
        "\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"u\"}}]",
        "\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"#\"}}]",
        "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"#\",\"index\":0}]",
        "\"citations\":[\"#\"]",
        "\"x\":#",
        "\"x\":\"#\"",
        "\"x\":{\"a\":#,\"b\":[#,#]}",
        "\"reasoning\":\"#\"",
        "\"reasoning_content\":\"#\"",
        "\"thinking\":\"#\"",
        "\"text\":\"#\"",
        "\"content\":\"#\"",
        "\"refusal\":\"#\"",
        "\"signature\":\"#\"",
        "\"thoughtSignature\":\"#\"",
        "\"toolUse\":{\"input\":\"#\"}",
        "\"toolUse\":{\"input\":{\"a\":#}}",
        "\"reasoningContent\":{\"text\":\"#\"}",
        "\"citation\":{\"title\":\"#\"}",
        "\"message\":{\"content\":\"#\",\"reasoning_content\":\"#\"}",
        "\"delta\":{\"content\":\"#\"}",
        "\"index\":#",
        "\"output_index\":#",
        "\"id\":\"#\"",
        "\"item_id\":\"#\"",
        "\"model\":\"#\"",
        "\"name\":\"#\"",
        "\"arguments\":\"#\"",
        "\"partial_json\":\"#\"",
        "\"thought\":true",
        "\"error\":null",
        "\"type\":\"#\"",
        "\"finish_reason\":null",
        "\"logprobs\":{\"content\":[{\"token\":\"#\",\"logprob\":#}]}",
    ];

    public static byte[] Mix(StreamCorpus corpus, ref SplitMix64 random)
    {
        var frames = Choose(corpus.Frames, ref random);
        if (random.Below(3) == 0)
            AddMember(frames, corpus.IsBinary, ref random);
        for (int i = random.Below(4); i > 0; i--)
        {
            int at = random.Below(frames.Count);
            frames[at] = corpus.IsBinary ? DamageMessage(frames[at], ref random) : Damage(frames[at], ref random);
        }
        return [.. frames.SelectMany(frame => frame)];
    }

    // Chooses the first frames, a run from anywhere and the last frames, so that most of the stream still makes sense.
    private static List<byte[]> Choose(IReadOnlyList<byte[]> all, ref SplitMix64 random)
    {
        var chosen = new List<byte[]>();
        int bytes = 0;
        int head = random.Below(5);
        int start = random.Below(all.Count);
        int run = 2 + random.Below(MaxFrames);
        for (int i = 0; i < all.Count; i++)
        {
            bool isWanted = i < head || (i >= start && i < start + run) || i >= all.Count - 3;
            if (!isWanted || bytes + all[i].Length > MaxBytes)
                continue;
            chosen.Add(all[i]);
            bytes += all[i].Length;
        }
        if (chosen.Count == 0)
            chosen.Add(all[0].Length > MaxBytes ? all[0][..MaxBytes] : all[0]);
        for (int i = random.Below(3); i > 0; i--)
        {
            int at = random.Below(chosen.Count);
            int other = random.Below(chosen.Count);
            switch (random.Below(4))
            {
                case 0:
                    chosen.Insert(at, chosen[other]);
                    break;
                case 1:
                    (chosen[at], chosen[other]) = (chosen[other], chosen[at]);
                    break;
                case 2:
                    // Alternates two frames until each is expected after the other, then adds one that may be out of turn.
                    byte[][] pair = [chosen[at], chosen[other]];
                    chosen.InsertRange(at, Enumerable.Range(0, 4 + random.Below(4)).Select(n => pair[n % 2]).Append(pair[random.Below(2)]));
                    break;
                default:
                    // Repeats the frame immediately: a repeatable frame gives the same event again.
                    chosen.InsertRange(at, [chosen[at], chosen[at]]);
                    break;
            }
        }
        return chosen;
    }

    // Adds a member that no service sends there to several frames, with changing values: one template may be made of them.
    private static void AddMember(List<byte[]> frames, bool isBinary, ref SplitMix64 random)
    {
        int at = random.Below(frames.Count);
        int count = 3 + random.Below(6);
        // A run of one frame is as frequent as the frames that followed each other.
        if (random.Below(2) == 0)
            frames.InsertRange(at, Enumerable.Repeat(frames[at], count - 1));
        int brace = random.Below(6);
        int style = random.Below(5);
        bool isSpaced = random.Below(4) == 0;
        string member = Members[random.Below(Members.Length)];
        for (int i = at; i < Math.Min(at + count, frames.Count); i++)
        {
            int n = i - at;
            string value = style switch
            {
                0 => $"{n}",
                1 => $"-{n}",
                2 => $"0.{n}",
                3 => "1",
                _ => $"{n / 2}",
            };
            byte[] said = Encoding.UTF8.GetBytes(
                (isSpaced ? member.Replace(":", ":" + new string(' ', random.Below(4)), StringComparison.Ordinal) : member).Replace(
                    "#",
                    value,
                    StringComparison.Ordinal
                ) + ","
            );
            frames[i] = isBinary ? InPayload(frames[i], json => Insert(json, brace, said)) : Insert(frames[i], brace, said);
        }
    }

    private static byte[] Insert(byte[] json, int brace, byte[] member)
    {
        int at = -1;
        for (int i = 0; i <= brace && json.AsSpan(at + 1).IndexOf((byte)'{') is var next and >= 0; i++)
            at += next + 1;
        return at < 0 ? json : [.. json[..(at + 1)], .. member, .. json[(at + 1)..]];
    }

    private static byte[] InPayload(byte[] message, Func<byte[], byte[]> change)
    {
        if (message.Length < 16)
            return message;
        int headers = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(4)), (uint)message.Length - 16);
        byte[] payload = message[(12 + headers)..^4];
        var found = Carried().Match(Encoding.UTF8.GetString(payload));
        byte[] changed = found.Success
            ? Encoding.UTF8.GetBytes(
                found.Groups["before"].Value
                    + Convert.ToBase64String(change(Convert.FromBase64String(found.Groups["base64"].Value)))
                    + found.Groups["behind"].Value
            )
            : change(payload);
        return AwsMessage.Write(message[12..(12 + headers)], changed);
    }

    // Usually damages the payload and recalculates the checksums, because a wrong checksum ends the stream.
    private static byte[] DamageMessage(byte[] message, ref SplitMix64 random)
    {
        if (message.Length < 16 || random.Below(10) == 0)
            return Damage(message, ref random);
        int headers = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(4)), (uint)message.Length - 16);
        byte[] payload = message[(12 + headers)..^4];
        return AwsMessage.Write(
            message[12..(12 + headers)],
            random.Below(4) == 0 ? Damage(payload, ref random) : DamageInside(payload, ref random)
        );
    }

    // Damages a payload in base64 before it is encoded.
    private static byte[] DamageInside(byte[] payload, ref SplitMix64 random)
    {
        var found = Carried().Match(Encoding.UTF8.GetString(payload));
        if (!found.Success)
            return Damage(payload, ref random);
        byte[] carried = Damage(Convert.FromBase64String(found.Groups["base64"].Value), ref random);
        return Encoding.UTF8.GetBytes(found.Groups["before"].Value + Convert.ToBase64String(carried) + found.Groups["behind"].Value);
    }

    [GeneratedRegex(
        """^(?<before>.*"bytes":\s*")(?<base64>(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)(?<behind>".*)$""",
        RegexOptions.Singleline
    )]
    private static partial Regex Carried();

    private static byte[] Damage(byte[] frame, ref SplitMix64 random)
    {
        var bytes = frame.ToList();
        for (int i = 1 + random.Below(3); i > 0; i--)
        {
            int at = random.Below(bytes.Count + 1);
            switch (random.Below(5))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Below(256);
                    break;
                case 1 when at < bytes.Count:
                    bytes.RemoveRange(at, Math.Min(1 + random.Below(6), bytes.Count - at));
                    break;
                case 2 when at < bytes.Count && bytes[at] is >= (byte)'0' and <= (byte)'9':
                    bytes[at] = (byte)('0' + random.Below(10));
                    break;
                case 3 when at < bytes.Count && char.IsAsciiLetter((char)bytes[at]):
                    bytes[at] = (byte)('a' + random.Below(26));
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Below(Pieces.Length)]));
                    break;
            }
        }
        return [.. bytes];
    }
}
