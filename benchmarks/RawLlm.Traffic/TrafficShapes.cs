using System.Globalization;
using System.Text;

namespace RawLlm.Traffic;

/// <summary>The shapes, each for one branch of framing or decoding. The same seed always generates the same bytes.</summary>
public static class TrafficShapes
{
    private const int Count = 2000;

    /// <summary>All shapes, in their usual size.</summary>
    public static IReadOnlyList<TrafficShape> All =>
        field ??= [
            Tokens(),
            Multibyte(),
            Drips(),
            KeepAlives(),
            HugeLine(),
            Crlf(),
            ToolArguments(),
            Interleaved(),
            Reasoning(),
            Obfuscation(),
            Logprobs(),
        ];

    /// <summary>Returns the shape with a name.</summary>
    /// <exception cref="ArgumentException">There is no such shape.</exception>
    public static TrafficShape Get(string name) =>
        All.FirstOrDefault(shape => shape.Name == name)
        ?? throw new ArgumentException($"No shape is called '{name}'. There are: {string.Join(", ", All)}.", nameof(name));

    /// <summary>Plain text, one token per chunk: the usual case and the fast path.</summary>
    public static TrafficShape Tokens(int count = Count) => WriteTokens(new ShapeWriter(), 0xA11CE, count).Build("tokens");

    /// <summary>Other scripts as UTF-8 and as escapes, and surrogate pairs split across chunks: unescaping.</summary>
    public static TrafficShape Multibyte(int count = Count)
    {
        var random = new SplitMix64(0xB0B);
        var writer = new ShapeWriter();
        writer.Role(0);
        for (int i = 0; i < count; i++)
        {
            writer.IsEscaped = random.Below(3) == 0;
            if (random.Below(10) != 0)
            {
                writer.Text(0, Words.WidePiece(ref random));
                continue;
            }
            string pair = Words.Pair(ref random);
            string before = random.Below(2) == 0 ? Words.WidePiece(ref random) : "";
            writer.Text(0, before + pair[0]);
            writer.Text(0, pair[1] + Words.WidePiece(ref random));
            i++;
        }
        writer.Finish(0, "stop");
        return writer.Build("multibyte");
    }

    /// <summary>Tokens that arrive seven bytes at a time: repeated searches for the end of an event.</summary>
    public static TrafficShape Drips(int count = 400) => WriteTokens(new ShapeWriter(), 0xD41B5, count).Build("drips", ReadPattern.Drips);

    /// <summary>Comments and blank lines between the chunks: lines without an event.</summary>
    public static TrafficShape KeepAlives(int count = Count)
    {
        var random = new SplitMix64(0xC0FFEE);
        var writer = new ShapeWriter();
        for (int i = 0; i < 40; i++)
            writer.Comment("OPENROUTER PROCESSING");
        writer.Role(0);
        for (int i = 0; i < count; i++)
        {
            for (int n = random.Below(4); n > 0; n--)
                writer.Comment(n == 1 ? "keep-alive" : "OPENROUTER PROCESSING");
            if (random.Below(4) == 0)
                writer.BlankLine();
            writer.Text(0, Words.Piece(ref random));
        }
        writer.Finish(0, "stop");
        return writer.Build("keep-alives");
    }

    /// <summary>One delta of 1 MiB: a frame that outgrows the buffer repeatedly.</summary>
    public static TrafficShape HugeLine(int length = 1 << 20)
    {
        var random = new SplitMix64(0x4065);
        var text = new StringBuilder(length + 16);
        while (text.Length < length)
            text.Append(Words.Piece(ref random));
        var writer = new ShapeWriter();
        writer.Role(0);
        writer.Text(0, text.ToString());
        writer.Finish(0, "stop");
        return writer.Build("huge-line");
    }

    /// <summary>Tokens with CR LF line ends, which a read can split.</summary>
    public static TrafficShape Crlf(int count = Count) => WriteTokens(new ShapeWriter("\r\n"), 0xC47F, count).Build("crlf");

    /// <summary>A tool call whose arguments arrive in pieces of 16 bytes: assembly.</summary>
    public static TrafficShape ToolArguments(int length = 64 << 10, int fragment = 16)
    {
        var random = new SplitMix64(0x7001);
        var text = new StringBuilder("{\"path\":\"notes/summary.md\",\"content\":\"", length + 64);
        while (text.Length < length - 2)
        {
            string piece = Words.Piece(ref random);
            text.Append(piece.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t"));
        }
        text.Append("\"}");
        string arguments = text.ToString();
        var writer = new ShapeWriter();
        writer.CallStart(0, "call_9pYxW2kTfJ4mQhV7sLdB1cNz", "write_file");
        for (int i = 0; i < arguments.Length; i += fragment)
            writer.CallArguments(0, arguments.Substring(i, Math.Min(fragment, arguments.Length - i)));
        writer.Finish(0, "tool_calls");
        return writer.Build("tool-arguments");
    }

    /// <summary>Two alternating choices, sometimes one twice in a row: the state of several answers.</summary>
    public static TrafficShape Interleaved(int count = Count)
    {
        var random = new SplitMix64(0x2222);
        var writer = new ShapeWriter();
        writer.Role(0);
        writer.Role(1);
        for (int i = 0; i < count; i++)
            writer.Text(random.Below(16) == 0 ? 0 : i & 1, Words.Piece(ref random));
        writer.Finish(1, "stop");
        writer.Finish(0, "length");
        return writer.Build("interleaved");
    }

    /// <summary>Reasoning, then text: a null next to the content.</summary>
    public static TrafficShape Reasoning(int count = Count)
    {
        var random = new SplitMix64(0x7417);
        var writer = new ShapeWriter();
        writer.Role(0);
        for (int i = 0; i < count * 3 / 4; i++)
            writer.Reasoning(0, Words.Piece(ref random));
        for (int i = count * 3 / 4; i < count; i++)
            writer.Text(0, Words.Piece(ref random));
        writer.Finish(0, "stop");
        return writer.Build("reasoning");
    }

    /// <summary>
    /// Tokens with a random string in each chunk (OpenAI pads chunks so that their lengths reveal nothing, 2025): a member to skip.
    /// </summary>
    public static TrafficShape Obfuscation(int count = Count)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        var random = new SplitMix64(0x0BF5);
        var writer = new ShapeWriter
        {
            Tail = () =>
            {
                var padding = new StringBuilder();
                for (int n = 1 + random.Below(24); n > 0; n--)
                    padding.Append(Letters[random.Below(Letters.Length)]);
                return $",\"obfuscation\":\"{padding}\"";
            },
        };
        return WriteTokens(writer, 0x0B5, count).Build("obfuscation");
    }

    /// <summary>Tokens with log probabilities: objects and arrays of numbers to skip.</summary>
    public static TrafficShape Logprobs(int count = Count)
    {
        var random = new SplitMix64(0x1065);
        var writer = new ShapeWriter
        {
            Logprobs = piece =>
            {
                string token = piece.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t");
                double probability = -(random.Below(4_000_000) / 1e6);
                string bytes = string.Join(',', Encoding.UTF8.GetBytes(piece));
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""{"content":[{"token":"{{token}}","logprob":{{probability}},"bytes":[{{bytes}}],"top_logprobs":[]}],"refusal":null}"""
                );
            },
        };
        return WriteTokens(writer, 0x10B5, count).Build("logprobs");
    }

    private static ShapeWriter WriteTokens(ShapeWriter writer, ulong seed, int count)
    {
        var random = new SplitMix64(seed);
        writer.Role(0);
        for (int i = 0; i < count; i++)
            writer.Text(0, Words.Piece(ref random));
        writer.Finish(0, "stop");
        return writer;
    }
}
