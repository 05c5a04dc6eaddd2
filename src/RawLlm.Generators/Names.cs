using System.Text;
using Microsoft.CodeAnalysis;

namespace RawLlm.Generators;

/// <summary>Converts C# names to names for the model.</summary>
internal static class Names
{
    /// <summary>The format of C# names without <c>global::</c>.</summary>
    public static readonly SymbolDisplayFormat Qualified = SymbolDisplayFormat
        .FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    /// <summary>Converts <c>FirstName</c> to <c>firstName</c> and <c>URLPath</c> to <c>urlPath</c>, like System.Text.Json.</summary>
    public static string Camel(string name)
    {
        char[] letters = name.ToCharArray();
        for (int i = 0; i < letters.Length && char.IsUpper(letters[i]); i++)
        {
            if (i > 0 && i + 1 < letters.Length && !char.IsUpper(letters[i + 1]))
                break;
            letters[i] = char.ToLowerInvariant(letters[i]);
        }
        return new(letters);
    }

    /// <summary>Converts <c>GetWeatherAsync</c> to <c>get_weather</c>.</summary>
    public static string Snake(string name)
    {
        if (name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal))
            name = name.Substring(0, name.Length - 5);
        var text = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool isStart =
                char.IsUpper(name[i])
                && i > 0
                && name[i - 1] != '_'
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (isStart)
                text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    /// <summary>Returns whether all services accept a name.</summary>
    public static bool IsForServices(string name)
    {
        foreach (char letter in name)
        {
            if (letter is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '-'))
                return false;
        }
        return name.Length is > 0 and <= 64;
    }

    /// <summary>Returns the name of a method that reads or writes a type; every type has its own.</summary>
    public static string ForMethod(string verb, string type)
    {
        uint hash = 2166136261;
        var text = new StringBuilder(verb);
        foreach (char letter in type.Replace("global::", ""))
        {
            hash = (hash ^ letter) * 16777619;
            if (char.IsLetterOrDigit(letter))
                text.Append(letter);
        }
        return text.Append('_').Append(hash.ToString("x8", System.Globalization.CultureInfo.InvariantCulture)).ToString();
    }
}
