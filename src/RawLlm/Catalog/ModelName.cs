namespace RawLlm;

/// <summary>The names of one model: with and without a date, a version, a region or its maker.</summary>
internal static class ModelName
{
    /// <summary>Returns the names to look up, the most exact first.</summary>
    public static List<string> Candidates(string model)
    {
        string name = model.Trim().ToLowerInvariant();
        var names = new List<string>(4) { name };
        name = WithoutPlace(name);
        // Bedrock names where an inference profile runs: us.anthropic.claude-…; regional profiles can cost more than others.
        if (RegionLength(name) is > 0 and var length)
        {
            name = name[length..];
            names.Add("regional." + Undated(WithoutVersion(name)));
        }
        else if (name.StartsWith("global.", StringComparison.Ordinal))
        {
            name = name["global.".Length..];
        }
        string bare = WithoutVersion(name);
        names.Add(bare);
        names.Add(Undated(bare));
        return names;
    }

    private static int RegionLength(string name)
    {
        foreach (string region in (ReadOnlySpan<string>)["us.", "eu.", "apac.", "jp.", "au.", "us-gov."])
        {
            if (name.StartsWith(region, StringComparison.Ordinal))
                return region.Length;
        }
        return 0;
    }

    // arn:aws:bedrock:us-east-1:1234:inference-profile/us.anthropic.claude-…, models/gemini-…
    private static string WithoutPlace(string name) =>
        name.StartsWith("arn:", StringComparison.Ordinal) ? name[(name.LastIndexOf('/') + 1)..]
        : name.StartsWith("models/", StringComparison.Ordinal) ? name["models/".Length..]
        : name;

    // The version of a model on Bedrock: anthropic.claude-sonnet-4-20250514-v1:0.
    private static string WithoutVersion(string name)
    {
        int at = name.LastIndexOf("-v", StringComparison.Ordinal);
        if (at <= 0 || !name.Contains('.', StringComparison.Ordinal))
            return name;
        foreach (char c in name.AsSpan(at + 2))
        {
            if (!char.IsAsciiDigit(c) && c != ':')
                return name;
        }
        return name[..at];
    }

    // claude-sonnet-4-20250514, claude-sonnet-4@20250514, gpt-4o-2024-08-06, claude-3-5-haiku-latest
    private static string Undated(string name)
    {
        if (name.EndsWith("-latest", StringComparison.Ordinal))
            return name[..^"-latest".Length];
        if (
            name.Length > 9
            && name[^9] is '-' or '@'
            && IsDate(name.AsSpan(name.Length - 8, 4), name.AsSpan(name.Length - 4, 2), name.AsSpan(name.Length - 2))
        )
        {
            return name[..^9];
        }

        return
            name.Length > 11
            && name[^11] == '-'
            && name[^6] == '-'
            && name[^3] == '-'
            && IsDate(name.AsSpan(name.Length - 10, 4), name.AsSpan(name.Length - 5, 2), name.AsSpan(name.Length - 2))
            ? name[..^11]
            : name;
    }

    // Written by hand: .NET's date parser would be linked into every native AOT program.
    private static bool IsDate(ReadOnlySpan<char> year, ReadOnlySpan<char> month, ReadOnlySpan<char> day) =>
        Number(year) is >= 1 and var y
        && Number(month) is >= 1 and <= 12 and var m
        && Number(day) is >= 1 and var d
        && d <= DateTime.DaysInMonth(y, m);

    private static int Number(ReadOnlySpan<char> digits)
    {
        int number = 0;
        foreach (char c in digits)
        {
            if (!char.IsAsciiDigit(c))
                return -1;
            number = (number * 10) + (c - '0');
        }
        return number;
    }
}
