using System.Text;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Finds the secrets of a call where it says them again: services quote keys and organisations in what they answer.</summary>
/// <remarks>What is found is overwritten, not cut out, so that a body keeps its length and its reads.</remarks>
internal sealed class SecretMask
{
    /// <summary>What a secret is overwritten with.</summary>
    public const char Sign = '*';

    /// <summary>The shortest secret, overwritten.</summary>
    public const string ShortestRun = "********";

    private const int ShortestId = 16;

    private static readonly byte[][] IdPrefixes = ["org-"u8.ToArray(), "proj_"u8.ToArray()];

    private readonly List<byte[]> _secrets = [];

    /// <summary>Makes a mask that knows no secret but the ids that look like one.</summary>
    public SecretMask()
    {
    }

    /// <summary>Makes one that goes on from another, which stays as it is.</summary>
    public SecretMask(SecretMask other) => _secrets.AddRange(other._secrets);

    /// <summary>Takes the values of a request's header that is not written, where its name says that it is secret.</summary>
    public void Add(string name, string value) => Add(name, value, mayBeWords: !SecretNames.IsSecret(name));

    /// <summary>Takes the values of a response's header that is not written, where its name says that it is secret and they look like it: no credential comes in a response, but names do.</summary>
    public void AddAnswered(string name, string value) => Add(name, value, mayBeWords: true);

    /// <summary>Takes the values of an address that are not written.</summary>
    public void Add(Uri url)
    {
        foreach (string pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && RecordedHeaders.IsSecret(pair[..equals]))
                Add(Uri.UnescapeDataString(pair[(equals + 1)..]), mayBeWord: !SecretNames.IsSecret(pair[..equals]));
        }
    }

    /// <summary>The text without secrets.</summary>
    public string Apply(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Apply(bytes) ? Encoding.UTF8.GetString(bytes) : text;
    }

    /// <summary>Overwrites secrets; says whether there were any.</summary>
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
            // Behind the first pair of a Set-Cookie stand its attributes, which are no secrets.
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
        // Behind the scheme, as in "Bearer".
        foreach (string word in value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
            Add(word, mayBeWords);
    }

    private void Add(string secret, bool mayBeWord)
    {
        // An organisation may be called like what a prompt is about: only what no prompt or answer means otherwise is looked for there.
        if (secret.Length < ShortestRun.Length || (mayBeWord && !IsId(secret)))
            return;
        AddBytes(secret);
        AddBytes(JsonEncodedText.Encode(secret).ToString());
        AddBytes(secret.Replace("/", "\\/", StringComparison.Ordinal));
        // The longest first: what is a part of another must not break it up.
        _secrets.Sort(static (a, b) => b.Length.CompareTo(a.Length));
    }

    private static bool IsId(string value) => value.Length >= ShortestId && value.AsSpan().ContainsAnyInRange('0', '9');

    private void AddBytes(string secret)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        if (!_secrets.Exists(known => known.AsSpan().SequenceEqual(bytes)))
            _secrets.Add(bytes);
    }

    // OpenAI names the organisation and the project in its refusals: "Rate limit reached for gpt-5 in organization org-AbC...".
    private static bool MaskIds(Span<byte> bytes, byte[] prefix)
    {
        bool found = false;
        int at = 0;
        while (bytes[at..].IndexOf(prefix) is >= 0 and var next)
        {
            int start = at + next + prefix.Length;
            int length = 0;
            while (start + length < bytes.Length && (char.IsAsciiLetterOrDigit((char)bytes[start + length]) || bytes[start + length] == '_'))
                length++;
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
