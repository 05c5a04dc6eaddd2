namespace RawLlm.Protocols;

/// <summary>The names of called functions on wires that take letters, digits, <c>_</c> and <c>-</c> only, 64 at most.</summary>
/// <remarks>
/// Models call what nobody offered, such as <c>multi_tool_use.parallel</c> or <c>browser.open</c>, and services refuse the names when
/// they come back. A name that the request defines itself goes as it is: whoever defines it knows what the service takes.
/// </remarks>
/// <param name="tools">The functions that the request defines.</param>
/// <param name="wire">Where what is changed is noted.</param>
/// <param name="isLoose">True where dots and colons are taken too, and the first character is a letter or <c>_</c>: Gemini (2026).</param>
internal readonly struct CallNames(IReadOnlyList<ToolDefinition> tools, WireRequest wire, bool isLoose = false)
{
    private const int MostCharacters = 64;

    /// <summary>The name under which a call goes out, the same one each time.</summary>
    public string Of(string name, string place)
    {
        if (name is null || IsTaken(name, isLoose))
            return name!;
        // The functions are no part of what is checked of kept bytes.
        wire.Written?.Spoil();
        for (int i = 0; i < tools.Count; i++)
        {
            if (tools[i]?.Name == name)
                return name;
        }
        wire.Note(QuirkKind.Adapted, place);
        return Taken(name, isLoose);
    }

    private static bool IsTaken(string name, bool isLoose)
    {
        bool isTaken = name.Length is > 0 and <= MostCharacters;
        for (int i = 0; i < name.Length; i++)
            isTaken &= IsTaken(name[i], i, isLoose);
        return isTaken;
    }

    private static bool IsTaken(char c, int place, bool isLoose) =>
        char.IsAsciiLetter(c) || c == '_' || ((place > 0 || !isLoose) && (char.IsAsciiDigit(c) || c == '-' || (isLoose && c is '.' or ':')));

    private static string Taken(string name, bool isLoose) => name.Length == 0 ? "_" : string.Create(Math.Min(name.Length, MostCharacters), (name, isLoose), static (taken, source) =>
    {
        for (int i = 0; i < taken.Length; i++)
            taken[i] = IsTaken(source.name[i], i, source.isLoose) ? source.name[i] : '_';
    });
}
