using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>How two JSON documents differ, regardless of the order of members.</summary>
/// <param name="Count">The number of places that differ.</param>
/// <param name="First">The first place that differs, with both values; null if there is none.</param>
internal readonly record struct JsonDifference(int Count, string? First)
{
    private const int LongestValue = 120;

    public static JsonDifference Of(JsonElement recorded, JsonElement asked, IReadOnlyList<string> ignoredMembers) =>
        Of(recorded, asked, "$", ignoredMembers);

    private static JsonDifference Of(JsonElement recorded, JsonElement asked, string place, IReadOnlyList<string> ignored)
    {
        if (recorded.ValueKind != asked.ValueKind)
            return new(1, $"{place}: recorded {Show(recorded)}, asked {Show(asked)}");
        return recorded.ValueKind switch
        {
            JsonValueKind.Object => OfObjects(recorded, asked, place, ignored),
            JsonValueKind.Array => OfArrays(recorded, asked, place),
            JsonValueKind.String when RecordedText.Fits(recorded.GetRawText(), asked.GetRawText()) => default,
            _ => JsonElement.DeepEquals(recorded, asked) ? default : new(1, $"{place}: recorded {Show(recorded)}, asked {Show(asked)}"),
        };
    }

    private static JsonDifference OfObjects(JsonElement recorded, JsonElement asked, string place, IReadOnlyList<string> ignored)
    {
        JsonDifference all = default;
        foreach (var member in recorded.EnumerateObject())
        {
            if (ignored.Contains(member.Name))
                continue;
            all = all.And(
                asked.TryGetProperty(member.Name, out var other)
                    ? Of(member.Value, other, $"{place}.{member.Name}", [])
                    : new(1, $"{place}.{member.Name}: recorded {Show(member.Value)}, asked nothing")
            );
        }
        foreach (var member in asked.EnumerateObject())
        {
            if (!ignored.Contains(member.Name) && !recorded.TryGetProperty(member.Name, out _))
                all = all.And(new(1, $"{place}.{member.Name}: recorded nothing, asked {Show(member.Value)}"));
        }
        return all;
    }

    private static JsonDifference OfArrays(JsonElement recorded, JsonElement asked, string place)
    {
        JsonDifference all = default;
        int shared = Math.Min(recorded.GetArrayLength(), asked.GetArrayLength());
        for (int i = 0; i < shared; i++)
            all = all.And(Of(recorded[i], asked[i], $"{place}[{i}]", []));
        for (int i = shared; i < recorded.GetArrayLength(); i++)
            all = all.And(new(1, $"{place}[{i}]: recorded {Show(recorded[i])}, asked nothing"));
        for (int i = shared; i < asked.GetArrayLength(); i++)
            all = all.And(new(1, $"{place}[{i}]: recorded nothing, asked {Show(asked[i])}"));
        return all;
    }

    private JsonDifference And(JsonDifference other) => new(Count + other.Count, First ?? other.First);

    private static string Show(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= LongestValue ? text : string.Concat(text.AsSpan(0, LongestValue), "…");
    }
}
