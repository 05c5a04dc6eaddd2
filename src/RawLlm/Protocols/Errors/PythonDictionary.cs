using System.Globalization;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Reads a dictionary as Python prints it: <c>{'error': {'message': "It's wrong.", 'param': None}}</c>.</summary>
internal static class PythonDictionary
{
    /// <summary>Converts the dictionary to JSON. Text that is not a dictionary does not result in valid JSON.</summary>
    /// <param name="text">The dictionary; text after it is kept.</param>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<char> text)
    {
        var json = new StringBuilder(text.Length + 16);
        while (!text.IsEmpty)
            text = text[(text[0] is '\'' or '"' ? ReadString(text, json) : ReadOther(text, json))..];
        return Encoding.UTF8.GetBytes(json.ToString());
    }

    private static int ReadString(ReadOnlySpan<char> text, StringBuilder json)
    {
        char quote = text[0];
        json.Append('"');
        int i = 1;
        while (i < text.Length && text[i] != quote)
        {
            if (text[i] == '\\')
                i += 1 + ReadEscape(text[(i + 1)..], json);
            else
                AppendText(text[i++], json);
        }
        json.Append('"');
        return Math.Min(i + 1, text.Length);
    }

    // An invalid Python escape stands for itself.
    private static int ReadEscape(ReadOnlySpan<char> text, StringBuilder json)
    {
        char kind = text.IsEmpty ? '\0' : text[0];
        switch (kind)
        {
            case 'n' or 'r' or 't' or '\\' or '"':
                json.Append('\\').Append(kind);
                return 1;
            case '\'':
                json.Append(kind);
                return 1;
        }
        int digits = kind switch
        {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if (
            digits > 0
            && text.Length > digits
            && int.TryParse(text.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
        )
        {
            if (Rune.TryCreate(value, out var rune) && value >= ' ' && rune.Value is not ('"' or '\\'))
                json.Append(rune.ToString());
            else
                json.Append(CultureInfo.InvariantCulture, $"\\u{value & 0xFFFF:x4}");
            return 1 + digits;
        }
        json.Append("\\\\");
        return 0;
    }

    private static void AppendText(char c, StringBuilder json)
    {
        if (c is '"')
            json.Append("\\\"");
        else if (c < ' ')
            json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        else
            json.Append(c);
    }

    private static int ReadOther(ReadOnlySpan<char> text, StringBuilder json)
    {
        int length = 0;
        while (length < text.Length && char.IsAsciiLetter(text[length]))
            length++;
        switch (text[..length])
        {
            case "None":
                json.Append("null");
                return length;
            case "True":
                json.Append("true");
                return length;
            case "False":
                json.Append("false");
                return length;
        }
        length = Math.Max(length, 1);
        json.Append(text[..length]);
        return length;
    }
}
