using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace RawLlm.Cli.Demo;

/// <summary>Reads HTTP/1.1 requests from a connection: a head of limited size and a body with a Content-Length.</summary>
internal sealed class RequestReader(PipeReader input, Stream output)
{
    private const int LargestHead = 64 << 10;
    private const int LargestBody = 16 << 20;

    /// <summary>Reads the next request; null if the client has closed the connection.</summary>
    /// <exception cref="DemoFault">The request cannot be read; the connection can no longer be used.</exception>
    public async Task<DemoRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await ReadHeadAsync(cancellationToken).ConfigureAwait(false) is not { } head)
            return null;
        string[] lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"])
            throw new DemoFault(400, "bad_request", "The request line is not valid HTTP/1.1.");
        int length = 0;
        bool keepsAlive = lines[0].EndsWith("1.1", StringComparison.Ordinal);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':');
            if (colon <= 0)
                throw new DemoFault(400, "bad_request", "A header is not of the form name: value.");
            string value = line[(colon + 1)..].Trim();
            switch (line[..colon].ToLowerInvariant())
            {
                case "content-length":
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out length))
                        throw new DemoFault(400, "bad_request", "The length of the body is not a number.");
                    break;
                case "transfer-encoding":
                    throw new DemoFault(411, "length_required", "The demonstration accepts only bodies with a Content-Length.");
                case "connection":
                    keepsAlive &= !value.Contains("close", StringComparison.OrdinalIgnoreCase);
                    break;
                case "expect":
                    await output.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
                    break;
            }
        }
        if (length > LargestBody)
            throw new DemoFault(413, "request_too_large", "The demonstration accepts bodies of at most 16 MiB.");
        byte[] body = await ReadBodyAsync(length, cancellationToken).ConfigureAwait(false);
        return new DemoRequest(method, target.Split('?')[0], body, keepsAlive);
    }

    private async Task<string?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (TryReadHead(read.Buffer, out string? head, out var consumed))
            {
                input.AdvanceTo(consumed);
                return head;
            }
            bool isTooLong = read.Buffer.Length > LargestHead;
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (isTooLong)
                throw new DemoFault(431, "head_too_large", "The request's head is longer than 64 KiB.");
            if (read.IsCompleted)
                return null;
        }
    }

    private static bool TryReadHead(ReadOnlySequence<byte> buffer, out string? head, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(buffer);
        bool isWhole = reader.TryReadTo(out ReadOnlySequence<byte> bytes, "\r\n\r\n"u8);
        head = isWhole ? Encoding.Latin1.GetString(bytes) : null;
        consumed = reader.Position;
        return isWhole;
    }

    private async Task<byte[]> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        if (length == 0)
            return [];
        var read = await input.ReadAtLeastAsync(length, cancellationToken).ConfigureAwait(false);
        if (read.Buffer.Length < length)
            throw new IOException("The body ended early.");
        var bytes = read.Buffer.Slice(0, length);
        byte[] body = bytes.ToArray();
        input.AdvanceTo(bytes.End);
        return body;
    }
}
