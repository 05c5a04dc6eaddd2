namespace RawLlm;

/// <summary>Checks names before they go into AWS host names, paths and signatures.</summary>
internal static class AwsName
{
    /// <summary>Checks the ID of a key or the name of a service: letters, digits and dashes.</summary>
    public static string Check(string value, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, parameter);
        foreach (char c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                throw new ArgumentException("Only letters, digits and dashes are allowed.", parameter);
        }
        return value;
    }

    /// <summary>Whether a text is a region that is allowed in a host name.</summary>
    public static bool IsRegion(string value) =>
        value.Length is > 0 and <= 63 && !value.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-");
}
