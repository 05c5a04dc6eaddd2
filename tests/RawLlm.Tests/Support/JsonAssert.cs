using System.Text.Json.Nodes;

namespace RawLlm.Tests.Support;

/// <summary>Compares JSON by structure and shows where two texts differ.</summary>
internal static class JsonAssert
{
    public static void Equal(string expected, string actual)
    {
        var wanted = JsonNode.Parse(expected);
        var given = JsonNode.Parse(actual);
        if (Difference(wanted, given, "$") is { } difference)
            Assert.Fail($"{difference}\n\nExpected:\n{Pretty(wanted)}\n\nActual:\n{Pretty(given)}");
    }

    private static string Pretty(JsonNode? node) => node?.ToJsonString(new() { WriteIndented = true }) ?? "null";

    private static string? Difference(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected, actual)
        {
            case (JsonObject wanted, JsonObject given):
                foreach (var (name, value) in wanted)
                {
                    if (!given.ContainsKey(name))
                        return $"{path}.{name} is missing.";
                    if (Difference(value, given[name], $"{path}.{name}") is { } inner)
                        return inner;
                }
                foreach (var (name, _) in given)
                {
                    if (!wanted.ContainsKey(name))
                        return $"{path}.{name} was not expected.";
                }
                return null;
            case (JsonArray wanted, JsonArray given):
                for (int i = 0; i < Math.Min(wanted.Count, given.Count); i++)
                {
                    if (Difference(wanted[i], given[i], $"{path}[{i}]") is { } inner)
                        return inner;
                }
                return wanted.Count == given.Count ? null : $"{path} has {given.Count} elements, not {wanted.Count}.";
            default:
                return JsonNode.DeepEquals(expected, actual) ? null : $"{path} is {Pretty(actual)}, not {Pretty(expected)}.";
        }
    }
}
