using System.Buffers;
using System.Text;

namespace RawLlm.Cli;

/// <summary>Reads standard input as text.</summary>
internal static class InputText
{
    /// <summary>Reads standard input to its end.</summary>
    /// <exception cref="UsageException">The input is not text.</exception>
    public static async Task<string> ReadAsync(Shell shell, CancellationToken cancellationToken)
    {
        using var input = await shell.ReadInputAsync(cancellationToken).ConfigureAwait(false);
        // A byte order mark may select another encoding.
        using var reader = new StreamReader(
            input,
            new UTF8Encoding(false, throwOnInvalidBytes: true),
            detectEncodingFromByteOrderMarks: true,
            leaveOpen: true
        );
        try
        {
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException(
                $"The input is not UTF-8 text (byte {ValidBytes(input.GetBuffer().AsSpan(0, (int)input.Length)) + 1})."
            );
        }
    }

    private static int ValidBytes(ReadOnlySpan<byte> utf8)
    {
        int valid = 0;
        while (Rune.DecodeFromUtf8(utf8[valid..], out _, out int length) == OperationStatus.Done)
            valid += length;
        return valid;
    }
}
