using System.Buffers;
using System.Text;
using System.Text.Unicode;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>A body whose server declares a charset other than UTF-8: accepted as an answer as long as it is UTF-8 all the same.</summary>
/// <remarks>JSON and events are UTF-8 (RFC 8259, section 8.1; WHATWG). Their readers treat other bytes as damaged and replace
/// them.</remarks>
internal sealed class CharsetCheckedBody(Stream body, string charset) : WrappedBody(body)
{
    // The beginning of a character that continues in the next read.
    private readonly byte[] _begun = new byte[4];
    private int _begunLength;

    /// <summary>Returns the charset that a server declares for text that should be UTF-8; null if it declares none, or UTF-8.</summary>
    public static string? CharsetOf(HttpContent content)
    {
        if (content.Headers.ContentType is not { CharSet: { } label, MediaType: { } type })
            return null;
        var name = label.AsSpan().Trim('"');
        if (Is(name, "utf-8") || Is(name, "utf8") || Is(name, "us-ascii") || Is(name, "ascii"))
            return null;
        type = type.ToLowerInvariant();
        // A web page is reported as such.
        bool isText =
            !ContentTypeCheck.IsWebPage(type)
            && (
                ContentTypeCheck.IsJson(type)
                || type.StartsWith("text/", StringComparison.Ordinal)
                || type.EndsWith("json", StringComparison.Ordinal)
            );
        return isText ? name.ToString() : null;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        // An end within a character means that the answer broke off, which its reader reports.
        if (count > 0 && !Accepts(buffer.Span[..count]))
        {
            throw new LlmException(
                LlmErrorKind.MalformedResponse,
                $"The answer is not UTF-8, as JSON must be, and declares the charset {TextSanitizer.Clean(charset, 40)}. Check for a proxy or gateway between the service and this program."
            )
            {
                Phase = LlmPhase.Streaming,
            };
        }

        return count;
    }

    private bool Accepts(ReadOnlySpan<byte> bytes)
    {
        // Every second byte of most UTF-16 text, and never in JSON.
        if (bytes.Contains((byte)0))
            return false;
        while (_begunLength > 0 && !bytes.IsEmpty)
        {
            _begun[_begunLength++] = bytes[0];
            bytes = bytes[1..];
            var status = Rune.DecodeFromUtf8(_begun.AsSpan(0, _begunLength), out _, out _);
            if (status == OperationStatus.InvalidData)
                return false;
            if (status == OperationStatus.Done)
                _begunLength = 0;
        }
        for (int length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            if (Rune.DecodeFromUtf8(bytes[^length..], out _, out _) != OperationStatus.NeedMoreData)
                continue;
            bytes[^length..].CopyTo(_begun);
            _begunLength = length;
            bytes = bytes[..^length];
            break;
        }
        return Utf8.IsValid(bytes);
    }

    private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
