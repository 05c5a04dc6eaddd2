using System.Text;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Finds the secrets of a call wherever it repeats them: services quote keys and organizations in their answers.</summary>
/// <remarks>Secrets are overwritten, not removed, so that a body keeps its length and its reads.</remarks>
internal sealed class SecretMask
{
    /// <summary>The character that overwrites secrets.</summary>
    public const char Sign = '*';

    /// <summary>The shortest possible secret after it was overwritten.</summary>
    public const string ShortestRun = "********";

    private const int ShortestId = 16;

    private static readonly byte[][] IdPrefixes = ["org-"u8.ToArray(), "proj_"u8.ToArray()];

    private readonly List<byte[]> _secrets = [];

    /// <summary>Creates a mask that knows no secrets yet; it masks only IDs with a known prefix.</summary>
    public SecretMask() { }

    /// <summary>Creates a mask with the secrets of another one, which stays unchanged.</summary>
    public SecretMask(SecretMask other) => _secrets.AddRange(other._secrets);

    /// <summary>Adds the values of a request header that is not written, if its name suggests a secret.</summary>
    public void Add(string name, string value) => Add(name, value, mayBeWords: !SecretNames.IsSecret(name));

    /// <summary>Adds the values of a response header that is not written, if its name suggests a secret and they look like IDs: responses
    /// contain names, but no credentials.</summary>
    public void AddAnswered(string name, string value) => Add(name, value, mayBeWords: true);

    /// <summary>Adds the secrets in a URL's path and query.</summary>
    public void Add(Uri url)
    {
        foreach (string key in RecordedPath.KeysIn(url))
            Add(Uri.UnescapeDataString(key), mayBeWord: false);
        foreach (string pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && RecordedHeaders.IsSecret(pair[..equals]))
                Add(Uri.UnescapeDataString(pair[(equals + 1)..]), mayBeWord: !SecretNames.IsSecret(pair[..equals]));
        }
    }

    /// <summary>Returns the text without secrets.</summary>
    public string Apply(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Apply(bytes) ? Encoding.UTF8.GetString(bytes) : text;
    }

    /// <summary>Overwrites secrets; returns whether there were any.</summary>
    public bool Apply(Span<byte> bytes)
    {
        bool found = false;
        foreach (byte[] secret in _secrets)
        {
            int at = 0;
            while (bytes[at..].IndexOf(secret) is >= 0 and var next)
            {
                bytes.Slice(at + next, secret.Length).Fill((byte)Sign);
                at += next + secret.Length;
                found = true;
            }
        }
        foreach (byte[] prefix in IdPrefixes)
            found |= MaskIds(bytes, prefix);
        return found;
    }

    private void Add(string name, string value, bool mayBeWords)
    {
        if (!RecordedHeaders.IsSecret(name))
            return;
        if (name.Contains("cookie", StringComparison.OrdinalIgnoreCase))
        {
            // The first pair of a Set-Cookie is followed by its attributes, which are not secrets.
            bool isSet = name.StartsWith("set-", StringComparison.OrdinalIgnoreCase);
            foreach (string pair in value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                Add(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..], mayBeWords);
                if (isSet)
                    break;
            }
            return;
        }
        Add(value, mayBeWords);
        // The part after a scheme such as "Bearer".
        foreach (string word in value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
            Add(word, mayBeWords);
    }

    private void Add(string secret, bool mayBeWord)
    {
        // The name of an organization may also be a word of a prompt, so only values that look like IDs are masked.
        if (secret.Length < ShortestRun.Length || (mayBeWord && !IsId(secret)))
            return;
        AddBytes(secret);
        AddBytes(JsonEncodedText.Encode(secret).ToString());
        AddBytes(secret.Replace("/", "\\/", StringComparison.Ordinal));
        // The longest first, so that a secret inside another one does not break it up.
        _secrets.Sort(static (a, b) => b.Length.CompareTo(a.Length));
    }

    private static bool IsId(string value) => value.Length >= ShortestId && value.AsSpan().ContainsAnyInRange('0', '9');

    private void AddBytes(string secret)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        if (!_secrets.Exists(known => known.AsSpan().SequenceEqual(bytes)))
            _secrets.Add(bytes);
    }

    // OpenAI names the organization and the project in its errors: "Rate limit reached for gpt-5 in organization org-AbC...".
    private static bool MaskIds(Span<byte> bytes, byte[] prefix)
    {
        bool found = false;
        int at = 0;
        while (bytes[at..].IndexOf(prefix) is >= 0 and var next)
        {
            int start = at + next + prefix.Length;
            int length = 0;
            while (
                start + length < bytes.Length && (char.IsAsciiLetterOrDigit((char)bytes[start + length]) || bytes[start + length] == '_')
            )
            {
                length++;
            }

            if (length >= ShortestId)
            {
                bytes.Slice(start, length).Fill((byte)Sign);
                found = true;
            }
            at = start + length;
        }
        return found;
    }
}
