using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Removes a client's live secrets from text that a service sent: complete, or any part of at least 8 characters.</summary>
/// <remarks>Also finds secrets in encodings that a service may echo: percent-encoded, Base64, hexadecimal. Case does not matter.</remarks>
internal sealed class Redaction
{
    private const string Mark = "[redacted]";
    private const int PartLength = 8;

    // A shorter secret protects nothing, and removing it would make any message unreadable.
    private const int ShortestSecret = 4;

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
            Add(Uri.EscapeDataString(secret));
            Add(Convert.ToBase64String(bytes).TrimEnd('='));
            Add(Convert.ToHexString(bytes));
        }
    }

    /// <summary>The length of the longest form of a secret, in characters.</summary>
    public int Longest { get; private set; }

    /// <summary>Returns the text without the secrets; the same instance if it contains none.</summary>
    public string Apply(string text) => Apply(text, isJson: false);

    /// <summary>Does the same for raw JSON, where a secret may be escaped, also as JSON inside a string.</summary>
    public string ApplyToJson(string json) => Apply(json, isJson: true);

    private string Apply(string text, bool isJson)
    {
        if (_secrets.Count == 0 || text.Length < ShortestSecret)
            return text;
        bool[]? isSecret = null;
        foreach (string secret in _secrets)
            Find(text, secret, ref isSecret);
        if (isJson && text.Contains('\\'))
            FindEscaped(text.ToCharArray(), ref isSecret);
        return isSecret is null ? text : Replace(text, isSecret);
    }

    private void FindEscaped(char[] text, ref bool[]? isSecret)
    {
        int[] starts = new int[text.Length + 1];
        for (int i = 0; i < starts.Length; i++)
            starts[i] = i;
        int length = text.Length;
        for (int level = 0; level < MaxEscaped && text.AsSpan(0, length).Contains('\\'); level++)
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
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                text[count] = text[at++];
            }
            else if (
                text[at + 1] == 'u'
                && at + 6 <= text.Length
                && ushort.TryParse(text.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code)
            )
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

    private void Add(string secret)
    {
        if (_secrets.Contains(secret))
            return;
        _secrets.Add(secret);
        Longest = Math.Max(Longest, secret.Length);
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
