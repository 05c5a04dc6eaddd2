using System.Text.Json;

namespace RawLlm.Cli.Output;

/// <summary>The abilities of models, by their names on the command line.</summary>
internal static class CapabilityNames
{
    private static readonly (string Name, Capability Capability)[] All =
    [
        ("streaming", Capability.Streaming),
        ("tools", Capability.Tools),
        ("parallel-tools", Capability.ParallelTools),
        ("vision", Capability.Vision),
        ("audio", Capability.Audio),
        ("files", Capability.Files),
        ("thinking", Capability.Thinking),
        ("structured-output", Capability.StructuredOutput),
    ];

    public static IEnumerable<string> Names => All.Select(ability => ability.Name);

    /// <exception cref="UsageException">A word is not the name of an ability.</exception>
    public static IReadOnlyList<Capability> Parse(IReadOnlyCollection<string> words)
    {
        var wanted = new List<Capability>();
        foreach (
            string word in words.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        )
        {
            int index = Array.FindIndex(All, ability => ability.Name.Equals(word, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
                throw new UsageException(
                    $"--supports does not know '{word}'.{Suggestion.Question(word, Names)} Known abilities: {string.Join(", ", Names)}."
                );
            wanted.Add(All[index].Capability);
        }
        // Only commas were given.
        if (wanted.Count == 0 && words.Count > 0)
            throw new UsageException($"--supports takes an ability. Known abilities: {string.Join(", ", Names)}.");
        return wanted;
    }

    /// <summary>The known abilities, such as <c>tools vision</c>; a dash if there are none.</summary>
    public static string Format(Capabilities known)
    {
        // Nearly every model can stream, so that is not worth the space.
        var words = All.Where(ability => ability.Capability != Capability.Streaming && known.Supports(ability.Capability) == true)
            .Select(ability => ability.Name);
        return string.Join(' ', words) is { Length: > 0 } text ? text : "-";
    }

    /// <summary>Writes every ability, with null for unknown ones.</summary>
    public static void Write(Utf8JsonWriter json, string name, Capabilities known)
    {
        json.WriteStartObject(name);
        foreach (var (word, capability) in All)
        {
            if (known.Supports(capability) is { } can)
                json.WriteBoolean(word, can);
            else
                json.WriteNull(word);
        }
        json.WriteEndObject();
    }
}
