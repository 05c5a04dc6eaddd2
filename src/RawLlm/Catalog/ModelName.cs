using System.Globalization;

namespace RawLlm;

/// <summary>The names under which one model goes: with and without a date, a version, a region, or its maker.</summary>
internal static class ModelName
{
    private static readonly string[] Regions = ["us.", "eu.", "apac.", "jp.", "au."];

    /// <summary>The names to look for, the most exact first.</summary>
    public static IEnumerable<string> Candidates(string model)
    {
        string name = model.Trim().ToLowerInvariant();
        yield return name;
        name = WithoutPlace(name);
        // Bedrock says where an inference profile runs: us.anthropic.claude-…; those of a region can cost more than others.
        if (Regions.FirstOrDefault(region => name.StartsWith(region, StringComparison.Ordinal)) is { } found)
        {
            name = name[found.Length..];
            yield return "regional." + Undated(WithoutVersion(name));
        }
        else if (name.StartsWith("global.", StringComparison.Ordinal))
        {
            name = name["global.".Length..];
        }
        string bare = WithoutVersion(name);
        yield return bare;
        yield return Undated(bare);
    }

    // arn:aws:bedrock:us-east-1:1234:inference-profile/us.anthropic.claude-…, models/gemini-…
    private static string WithoutPlace(string name) =>
        name.StartsWith("arn:", StringComparison.Ordinal) ? name[(name.LastIndexOf('/') + 1)..]
        : name.StartsWith("models/", StringComparison.Ordinal) ? name["models/".Length..] : name;

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
        if (name.Length > 9 && name[^9] is '-' or '@' && IsDate(name[^8..], "yyyyMMdd"))
            return name[..^9];
        return name.Length > 11 && name[^11] == '-' && IsDate(name[^10..], "yyyy-MM-dd") ? name[..^11] : name;
    }

    private static bool IsDate(string text, string form) => DateOnly.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
