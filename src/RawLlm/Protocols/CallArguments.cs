using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>The arguments of a function call on wires that carry them as an object.</summary>
internal static class CallArguments
{
    private static readonly RawJson Empty = RawJson.FromChecked("{}"u8.ToArray());

    /// <summary>The arguments as an object; false for text that is not one. No text at all is an empty object.</summary>
    public static bool TryRead([NotNullWhen(true)] string? arguments, out RawJson value)
    {
        value = Empty;
        string text = arguments?.Trim() ?? "";
        if (text.Length == 0)
            return true;
        if (text[0] != '{')
            return false;
        try
        {
            value = RawJson.Parse(text);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
