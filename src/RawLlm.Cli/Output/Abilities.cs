using System.Text.Json;

namespace RawLlm.Cli.Output;

/// <summary>What models can do, by the words of the command line.</summary>
internal static class Abilities
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

    /// <exception cref="UsageException">A word names nothing that models can do.</exception>
    public static IReadOnlyList<Capability> Parse(IReadOnlyCollection<string> words)
    {
        var wanted = new List<Capability>();
        foreach (string word in words.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            int index = Array.FindIndex(All, ability => ability.Name.Equals(word, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
                throw new UsageException($"--supports does not know '{word}'. Known abilities: {string.Join(", ", Names)}.");
            wanted.Add(All[index].Capability);
        }
        // A comma alone.
        if (wanted.Count == 0 && words.Count > 0)
            throw new UsageException($"--supports takes an ability. Known abilities: {string.Join(", ", Names)}.");
        return wanted;
    }

    /// <summary>What is known to be there, such as <c>tools vision</c>; a dash when nothing is.</summary>
    public static string Words(Capabilities known)
    {
        // Nearly everything streams: that is worth no column.
        var words = All.Where(ability => ability.Capability != Capability.Streaming && known.Supports(ability.Capability) == true).Select(ability => ability.Name);
        return string.Join(' ', words) is { Length: > 0 } text ? text : "-";
    }

    /// <summary>All of it, with null for what is not known.</summary>
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
