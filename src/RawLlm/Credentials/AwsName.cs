namespace RawLlm;

/// <summary>Names that go into AWS's host names, paths and signatures: checked before they get there.</summary>
internal static class AwsName
{
    /// <summary>A key's id or a service: letters, digits and dashes.</summary>
    public static string Check(string value, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, parameter);
        foreach (char c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                throw new ArgumentException("Only letters, digits and dashes may stand here.", parameter);
        }
        return value;
    }

    /// <summary>True for a region as it may stand in a host name.</summary>
    public static bool IsRegion(string value) =>
        value.Length is > 0 and <= 63 && !value.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-");
}
