using System.Globalization;
using System.Text;

namespace RawLlm.Testing;

/// <summary>Reads one HTTP/1.1 request with its whole body.</summary>
internal sealed class LoopbackRequestReader(Stream stream, Uri url)
{
    private const int LongestLine = 64 << 10;

    private readonly byte[] _buffer = new byte[16 << 10];
    private int _start;
    private int _end;

    /// <summary>Returns the request; null if the connection ends before its headers are complete, or the bytes are not a request.</summary>
    public async Task<HttpRequestMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (
            await LineAsync(cancellationToken).ConfigureAwait(false) is not { } first
            || first.Split(' ') is not [var method, var target, _]
        )
        {
            return null;
        }

        var headers = new List<(string Name, string Value)>();
        while (await LineAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }
        if (Find(headers, "Expect") is not null)
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        byte[]? body = null;
        if (Find(headers, "Transfer-Encoding") is not null)
            body = await ChunksAsync(cancellationToken).ConfigureAwait(false);
        else if (int.TryParse(Find(headers, "Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out int length))
            body = await BytesAsync(length, cancellationToken).ConfigureAwait(false);
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(url, target))
        {
            Content = body is null ? null : new ByteArrayContent(body),
        };
        foreach (var (name, value) in headers)
        {
            if (
                !name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
                && !request.Headers.TryAddWithoutValidation(name, value)
            )
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return request;
    }

    private static string? Find(List<(string Name, string Value)> headers, string name)
    {
        foreach (var (own, value) in headers)
        {
            if (own.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        return null;
    }

    private async Task<byte[]> ChunksAsync(CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        while (
            await LineAsync(cancellationToken).ConfigureAwait(false) is { } line
            && int.TryParse(line.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int length)
        )
        {
            body.Write(await BytesAsync(length, cancellationToken).ConfigureAwait(false));
            await LineAsync(cancellationToken).ConfigureAwait(false);
            if (length == 0)
                break;
        }
        return body.ToArray();
    }

    private async Task<byte[]> BytesAsync(int length, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[length];
        int read = 0;
        while (read < length)
        {
            if (_start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false))
                throw new IOException("The request broke off.");
            int count = Math.Min(length - read, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(bytes.AsSpan(read));
            _start += count;
            read += count;
        }
        return bytes;
    }

    // Returns null at the end of the connection, and for a line that is too long.
    private async Task<string?> LineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (line.Length < LongestLine)
        {
            if (_start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false))
                return null;
            char c = (char)_buffer[_start++];
            if (c == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(c);
        }
        return null;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
        return _end > 0;
    }
}
