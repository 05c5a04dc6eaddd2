using System.Buffers;

namespace RawLlm.Protocols;

/// <summary>What may stand in a header: checked here, because the platform's own calls let line ends through (measured on .NET 10.0.12).</summary>
internal static class HeaderText
{
    private const int LongestValue = 8 << 10;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static void Check(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters))
            throw new ArgumentException("A header's name may hold only letters, digits and a few signs.", nameof(name));
        if (!IsValid(value))
            throw new ArgumentException($"The value of the header '{name}' holds a character that may not stand in a header, or is longer than 8 KiB.", nameof(value));
    }

    /// <summary>True for visible ASCII with inner spaces, at most 8 KiB.</summary>
    public static bool IsValid(string value) =>
        value.Length <= LongestValue && !value.AsSpan().ContainsAnyExceptInRange(' ', '~')
        && (value.Length == 0 || (value[0] != ' ' && value[^1] != ' '));
}
