using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace RawLlm.Transport;

/// <summary>A body that the server compressed, decompressed within a limit on how much it may grow.</summary>
/// <remarks>.NET's own decompression has no limit: 405 bytes of Brotli gave 256 MiB (measured on .NET 10.0.12).</remarks>
internal sealed class DecompressedBody : WrappedBody
{
    private const long UnboundedBytes = 1 << 20;

    private readonly CountedBody? _compressed;
    private readonly Stream? _decompressed;
    private readonly int _ratio;
    private long _decompressedCount;

    private DecompressedBody(Stream body, string encoding, int ratio)
        : base(body)
    {
        _ratio = ratio;
        if (!IsSupported)
            return;
        _compressed = new CountedBody(body);
        _decompressed = encoding switch
        {
            "gzip" or "x-gzip" => new GZipStream(_compressed, CompressionMode.Decompress),
            "br" => new BrotliStream(_compressed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(_compressed, CompressionMode.Decompress),
            // An unknown encoding is reported when the body is read: the body of an error may go unread.
            _ => null,
        };
    }

    // False if a program has switched it off, so that a native program does not need the decompressors (1.1 MB). Requests for streams ask
    // for no compression.
    [FeatureSwitchDefinition("RawLlm.Decompression")]
    private static bool IsSupported => !AppContext.TryGetSwitch("RawLlm.Decompression", out bool isOn) || isOn;

    /// <summary>Wraps a compressed body; returns any other unchanged.</summary>
    /// <param name="body">The body.</param>
    /// <param name="encodings">The values of <c>Content-Encoding</c>.</param>
    /// <param name="ratio">How many bytes one compressed byte may expand to, after the first MiB.</param>
    public static Stream Wrap(Stream body, IEnumerable<string> encodings, int ratio)
    {
        string? encoding = null;
        foreach (string value in encodings)
        {
            foreach (string name in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                // More than one encoding cannot be read.
                if (!name.Equals("identity", StringComparison.OrdinalIgnoreCase))
                    encoding = encoding is null ? name.ToLowerInvariant() : "";
            }
        }
        return encoding is null ? body : new DecompressedBody(body, encoding, ratio);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsSupported)
        {
            return ValueTask.FromException<int>(
                new LlmException(
                    LlmErrorKind.DecompressionFailed,
                    "The body is compressed, but this program was built without decompression. Remove RawLlm.Decompression from its project, or set it to true."
                )
                {
                    Phase = LlmPhase.Streaming,
                }
            );
        }

        return UnpackAsync(buffer, cancellationToken);
    }

    private async ValueTask<int> UnpackAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_decompressed is null)
        {
            throw new LlmException(
                LlmErrorKind.DecompressionFailed,
                "The body is compressed with something other than gzip, Brotli or deflate, or more than once."
            )
            {
                Phase = LlmPhase.Streaming,
            };
        }

        int count;
        try
        {
            count = await _decompressed.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        // For corrupt Brotli, .NET throws an InvalidOperationException (measured on .NET 10.0.12).
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException and not ObjectDisposedException)
        {
            throw new LlmException(LlmErrorKind.DecompressionFailed, "The compressed body is corrupt.") { Phase = LlmPhase.Streaming };
        }
        _decompressedCount += count;
        if (_decompressedCount > UnboundedBytes && _decompressedCount > _ratio * Math.Max(1, _compressed!.Count))
        {
            throw new LlmException(LlmErrorKind.LimitExceeded, "The compressed body expands more than LlmLimits.DecompressionRatio allows.")
            {
                Limit = LlmLimit.DecompressionRatio,
                Phase = LlmPhase.Streaming,
            };
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _decompressed?.Dispose();
    }
}
