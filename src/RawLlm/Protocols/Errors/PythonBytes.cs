using System.Globalization;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Reads bytes as Python prints them: <c>b'{\n  "error": …\n}'</c>.</summary>
internal static class PythonBytes
{
    /// <summary>Returns the bytes. Invalid Python escapes are kept as they are.</summary>
    /// <param name="text">The text after the opening quote; a closing quote is kept.</param>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int length = 0;
        for (int slash; (slash = text.IndexOf('\\')) >= 0 && slash + 1 < text.Length; )
        {
            length += Encoding.UTF8.GetBytes(text[..slash], bytes.AsSpan(length));
            int taken = ReadEscape(text[(slash + 1)..], out byte value);
            bytes[length++] = value;
            text = text[(slash + 1 + taken)..];
        }
        length += Encoding.UTF8.GetBytes(text, bytes.AsSpan(length));
        return bytes.AsSpan(0, length);
    }

    private static int ReadEscape(ReadOnlySpan<char> text, out byte value)
    {
        switch (text[0])
        {
            case 'n':
                value = (byte)'\n';
                return 1;
            case 'r':
                value = (byte)'\r';
                return 1;
            case 't':
                value = (byte)'\t';
                return 1;
            case '\'':
                value = (byte)'\'';
                return 1;
            case '\\':
                value = (byte)'\\';
                return 1;
        }
        if (
            text.Length >= 3
            && text[0] == 'x'
            && int.TryParse(text[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number)
        )
        {
            value = (byte)number;
            return 3;
        }

        value = (byte)'\\';
        return 0;
    }
}
