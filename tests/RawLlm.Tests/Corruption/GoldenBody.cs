using System.Buffers.Binary;
using System.Text;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Corruption;

/// <summary>A valid body split into its events, so that one of them can be damaged while the rest stays valid.</summary>
/// <param name="Heads">What precedes each event's data: the lines of its type, or the headers of an AWS message.</param>
/// <param name="Data">The data of each event.</param>
/// <param name="IsMessages">Whether it is an AWS event stream, whose lengths and checksums are recalculated.</param>
/// <param name="IsEvents">Whether it consists of server-sent events.</param>
internal sealed record GoldenBody(IReadOnlyList<byte[]> Heads, IReadOnlyList<byte[]> Data, bool IsMessages, bool IsEvents)
{
    public static GoldenBody Of(string file, byte[] body)
    {
        if (file.EndsWith(".frames", StringComparison.Ordinal) || file.EndsWith(".eventstream", StringComparison.Ordinal))
            return Messages(body);
        if (file.EndsWith(".sse", StringComparison.Ordinal))
            return Events(body);
        if (file.EndsWith(".ndjson", StringComparison.Ordinal))
        {
            byte[][] lines =
            [
                .. Encoding.Latin1.GetString(body).Split('\n').Where(line => line.Length > 0).Select(Encoding.Latin1.GetBytes),
            ];
            return new([.. lines.Select(_ => Array.Empty<byte>())], lines, false, false);
        }
        return new(
            [
                [],
            ],
            [body],
            false,
            false
        );
    }

    /// <summary>Returns the bytes of the events in their framing.</summary>
    public byte[] Compose()
    {
        using var body = new MemoryStream();
        for (int i = 0; i < Data.Count; i++)
        {
            if (IsMessages)
            {
                body.Write(AwsMessage.Write(Heads[i], Data[i]));
                continue;
            }
            body.Write(Heads[i]);
            if (IsEvents)
                body.Write("data: "u8);
            body.Write(Data[i]);
            if (IsEvents || Data.Count > 1)
                body.Write(IsEvents ? "\n\n"u8 : "\n"u8);
        }
        return body.ToArray();
    }

    private static GoldenBody Events(byte[] body)
    {
        var heads = new List<byte[]>();
        var data = new List<byte[]>();
        foreach (string text in Encoding.Latin1.GetString(body).ReplaceLineEndings("\n").Split("\n\n"))
        {
            int at = text.StartsWith("data:", StringComparison.Ordinal) ? 0 : text.IndexOf("\ndata:", StringComparison.Ordinal) + 1;
            if (at == 0 && !text.StartsWith("data:", StringComparison.Ordinal))
                continue;
            heads.Add(Encoding.Latin1.GetBytes(text[..at]));
            data.Add(Encoding.Latin1.GetBytes(text[(at + 5)..].TrimStart(' ')));
        }
        return new(heads, data, false, true);
    }

    private static GoldenBody Messages(byte[] body)
    {
        var heads = new List<byte[]>();
        var data = new List<byte[]>();
        while (body.Length >= 16)
        {
            int length = (int)BinaryPrimitives.ReadUInt32BigEndian(body);
            int headers = (int)BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(4));
            if (length > body.Length || headers > length - 16 || length < 16 || headers < 0)
                break;
            heads.Add(body[12..(12 + headers)]);
            data.Add(body[(12 + headers)..(length - 4)]);
            body = body[length..];
        }
        return new(heads, data, true, false);
    }
}
