namespace RawLlm.Testing;

/// <summary>Compares a text of a recorded request, in which secrets are overwritten.</summary>
internal static class RecordedText
{
    /// <summary>
    /// Whether a text matches the recorded one. Anything matches an overwritten secret, because a replay uses another key or none.
    /// </summary>
    public static bool Fits(ReadOnlySpan<char> recorded, ReadOnlySpan<char> asked)
    {
        bool isFirst = true;
        while (true)
        {
            int secret = recorded.IndexOf(SecretMask.ShortestRun, StringComparison.Ordinal);
            if (secret < 0)
                return isFirst ? asked.SequenceEqual(recorded) : asked.EndsWith(recorded, StringComparison.Ordinal);
            int at = isFirst
                ? (asked.StartsWith(recorded[..secret], StringComparison.Ordinal) ? 0 : -1)
                : asked.IndexOf(recorded[..secret], StringComparison.Ordinal);
            if (at < 0)
                return false;
            asked = asked[(at + secret)..];
            recorded = recorded[secret..].TrimStart(SecretMask.Sign);
            isFirst = false;
        }
    }
}
