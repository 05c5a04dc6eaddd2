using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Removes a client's live secrets from text that a service sent: complete, or any part of at least 8 characters.</summary>
/// <remarks>
/// Also finds secrets in encodings that a service may echo: Base64, also of a longer text such as a whole header, hexadecimal,
/// percent-encoded, and escaped as in JSON, also several times. Case does not matter.
/// </remarks>
internal sealed class Redaction
{
    private const string Mark = "[redacted]";
    private const int PartLength = 8;

    // A shorter secret protects nothing, and removing it would make any message unreadable.
    private const int ShortestSecret = 4;

    // As in \u0041.
    private const int LongestEscape = 6;

    // Gateways wrap the body of another service's error in a string of their own.
    private const int MaxEscaped = 4;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly List<string> _secrets = [];

    /// <summary>Creates a redaction of these secrets.</summary>
    public Redaction(IEnumerable<string> secrets)
    {
        foreach (string secret in secrets)
        {
            if (secret is not { Length: >= ShortestSecret })
                continue;
            byte[] bytes = Encoding.UTF8.GetBytes(secret);
            Add(secret);
            Add(Convert.ToHexString(bytes));
            for (int before = 0; before < 3; before++)
                Add(ToBase64(bytes, before));
        }
    }

    /// <summary>The most characters that a secret takes in a text, in any of its forms.</summary>
    public int Longest { get; private set; }

    /// <summary>Returns the text without the secrets; the same instance if it contains none.</summary>
    public string Apply(string text)
    {
        if (_secrets.Count == 0 || text.Length < ShortestSecret)
            return text;
        bool[]? isSecret = null;
        foreach (string secret in _secrets)
            Find(text, secret, ref isSecret);
        if (text.AsSpan().ContainsAny('\\', '%'))
            FindEscaped(text.ToCharArray(), ref isSecret);
        return isSecret is null ? text : Replace(text, isSecret);
    }

    private void FindEscaped(char[] text, ref bool[]? isSecret)
    {
        int[] starts = new int[text.Length + 1];
        for (int i = 0; i < starts.Length; i++)
            starts[i] = i;
        int length = text.Length;
        for (int level = 0; level < MaxEscaped && text.AsSpan(0, length).ContainsAny('\\', '%'); level++)
        {
            length = Unescape(text.AsSpan(0, length), starts);
            bool[]? found = null;
            foreach (string secret in _secrets)
                Find(text.AsSpan(0, length), secret, ref found);
            for (int i = 0; found is not null && i < length; i++)
            {
                if (found[i])
                    (isSecret ??= new bool[text.Length]).AsSpan(starts[i]..starts[i + 1]).Fill(true);
            }
        }
    }

    // In place: an unescaped character is never longer than its escape. For escapes that stand for no letter, such as a line break, any
    // letter will do.
    private static int Unescape(Span<char> text, Span<int> starts)
    {
        int count = 0;
        for (int at = 0; at < text.Length; count++)
        {
            starts[count] = starts[at];
            if (text[at] == '%' && IsHexadecimal(text[(at + 1)..], 2, out int percent))
            {
                text[count] = (char)percent;
                at += 3;
            }
            else if (text[at] != '\\' || at + 1 == text.Length)
            {
                text[count] = text[at++];
            }
            else if (text[at + 1] == 'u' && IsHexadecimal(text[(at + 2)..], 4, out int code))
            {
                text[count] = (char)code;
                at += 6;
            }
            else
            {
                text[count] = text[at + 1];
                at += 2;
            }
        }
        starts[count] = starts[text.Length];
        return count;
    }

    private static bool IsHexadecimal(ReadOnlySpan<char> text, int digits, out int code)
    {
        code = 0;
        return text.Length >= digits
            && int.TryParse(text[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code);
    }

    // The part of the encoding that does not depend on what stands before and after the secret.
    private static string ToBase64(byte[] secret, int before)
    {
        byte[] text = [.. new byte[before], .. secret];
        string encoded = Convert.ToBase64String(text, 0, text.Length - (text.Length % 3));
        return encoded[(before == 0 ? 0 : before + 1)..];
    }

    private void Add(string secret)
    {
        if (secret.Length < ShortestSecret || _secrets.Contains(secret))
            return;
        _secrets.Add(secret);
        Longest = Math.Max(Longest, secret.Length * LongestEscape);
    }

    private static void Find(ReadOnlySpan<char> text, ReadOnlySpan<char> secret, ref bool[]? isSecret)
    {
        int length = Math.Min(secret.Length, PartLength);
        for (int i = 0; i + length <= text.Length; i++)
        {
            if (secret.IndexOf(text.Slice(i, length), StringComparison.OrdinalIgnoreCase) < 0)
                continue;
            if (length < PartLength && !IsWord(text, i, length))
                continue;
            isSecret ??= new bool[text.Length];
            isSecret.AsSpan(i, length).Fill(true);
        }
    }

    // A short secret is often an ordinary word, such as a local server's placeholder: inside another word it is not a secret.
    private static bool IsWord(ReadOnlySpan<char> text, int start, int length) =>
        (start == 0 || !char.IsAsciiLetterOrDigit(text[start - 1]))
        && (start + length == text.Length || !char.IsAsciiLetterOrDigit(text[start + length]));

    private static string Replace(string text, bool[] isSecret)
    {
        var clean = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (!isSecret[i])
                clean.Append(text[i]);
            else if (i == 0 || !isSecret[i - 1])
                clean.Append(Mark);
        }
        return clean.ToString();
    }
}
