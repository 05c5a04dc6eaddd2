using System.Buffers;

namespace RawLlm.Protocols;

/// <summary>Checks what may be in a header, because the platform's own methods accept line breaks (measured on .NET 10.0.12).</summary>
internal static class HeaderText
{
    private const int LongestValue = 8 << 10;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    );

    public static void Check(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new ArgumentException(
                "A header's name must not be empty and may contain only letters, digits and the characters !#$%&'*+-.^_`|~.",
                nameof(name)
            );
        }

        if (!IsValid(value))
        {
            throw new ArgumentException(
                $"The value of the header '{name}' contains a character that is not allowed in a header, or is longer than 8 KiB.",
                nameof(value)
            );
        }
    }

    /// <summary>Whether the value is visible ASCII with spaces only inside, and at most 8 KiB long.</summary>
    public static bool IsValid(string value) =>
        value.Length <= LongestValue
        && !value.AsSpan().ContainsAnyExceptInRange(' ', '~')
        && (value.Length == 0 || (value[0] != ' ' && value[^1] != ' '));
}
