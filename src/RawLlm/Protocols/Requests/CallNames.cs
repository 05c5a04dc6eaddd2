namespace RawLlm.Protocols;

/// <summary>The names of tool calls on wires that accept only letters, digits, <c>_</c> and <c>-</c>, at most 64 characters.</summary>
/// <remarks>
/// Models call tools that were never offered, such as <c>multi_tool_use.parallel</c> or <c>browser.open</c>, and services reject these
/// names when they are sent back. A name that the request itself defines is sent unchanged: its author knows what the service accepts.
/// </remarks>
/// <param name="tools">The tools that the request defines.</param>
/// <param name="wire">Records changed names.</param>
/// <param name="isLoose">Whether dots and colons are also accepted and the first character is a letter or <c>_</c>: Gemini (2026).</param>
internal readonly struct CallNames(IReadOnlyList<ToolDefinition> tools, WireRequest wire, bool isLoose = false)
{
    private const int MaxCharacters = 64;

    /// <summary>Returns the name that is sent for a call, the same one each time.</summary>
    public string Of(string name, string place)
    {
        if (name is null || IsValid(name, isLoose))
            return name!;
        // The check of kept bytes does not include the tools.
        wire.Written?.MarkUnreusable();
        for (int i = 0; i < tools.Count; i++)
        {
            if (tools[i]?.Name == name)
                return name;
        }
        wire.Note(QuirkKind.Adapted, place);
        return ToValid(name, isLoose);
    }

    private static bool IsValid(string name, bool isLoose)
    {
        bool isTaken = name.Length is > 0 and <= MaxCharacters;
        for (int i = 0; i < name.Length; i++)
            isTaken &= IsValid(name[i], i, isLoose);
        return isTaken;
    }

    private static bool IsValid(char c, int place, bool isLoose) =>
        char.IsAsciiLetter(c)
        || c == '_'
        || ((place > 0 || !isLoose) && (char.IsAsciiDigit(c) || c == '-' || (isLoose && c is '.' or ':')));

    private static string ToValid(string name, bool isLoose) =>
        name.Length == 0
            ? "_"
            : string.Create(
                Math.Min(name.Length, MaxCharacters),
                (name, isLoose),
                static (taken, source) =>
                {
                    for (int i = 0; i < taken.Length; i++)
                        taken[i] = IsValid(source.name[i], i, source.isLoose) ? source.name[i] : '_';
                }
            );
}
