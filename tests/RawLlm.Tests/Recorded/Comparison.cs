using System.Text.Json;
using System.Text.Json.Nodes;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Recorded;

/// <summary>Compares what was decoded with an independent decoder's result for the same bytes.</summary>
internal static class Comparison
{
    /// <summary>Returns every difference, one line each; empty if they agree.</summary>
    public static IEnumerable<string> Differences(JsonElement expected, Decoded decoded)
    {
        // The specification drops an event without its blank line; the decoder accepts one that is complete, with a quirk.
        if (
            expected.TryGetProperty("lenient", out var lenient)
            && decoded.Reply.Quirks.Any(quirk => quirk.Kind == QuirkKind.UnterminatedEvent)
        )
        {
            expected = Overlay(expected, lenient);
        }

        bool hasError = expected.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null;
        if (decoded.IsComplete == hasError)
            yield return $"complete: {decoded.IsComplete}, error: {decoded.Error?.Kind.ToString() ?? "none"} {decoded.Error?.Message}; expected error: {(hasError ? error.GetRawText() : "none")}";
        if (expected.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Object)
        {
            foreach (var choice in choices.EnumerateObject())
            {
                var found = decoded.Reply.Choices.FirstOrDefault(c =>
                    c.Index.ToString(System.Globalization.CultureInfo.InvariantCulture) == choice.Name
                );
                if (found is null)
                {
                    yield return $"choice {choice.Name} is missing";
                }
                else
                {
                    foreach (string difference in Differences(choice.Value, found))
                        yield return $"choice {choice.Name}: {difference}";
                }
            }
        }
        else
        {
            foreach (string difference in Differences(expected, decoded.Reply.Choices[0]))
                yield return difference;
        }
        if (
            expected.TryGetProperty("refusal", out var refusal)
            && refusal.ValueKind == JsonValueKind.String
            && refusal.GetString() != decoded.Reply.Refusal
        )
        {
            yield return $"refusal: «{decoded.Reply.Refusal}» expected «{refusal.GetString()}»";
        }
    }

    private static IEnumerable<string> Differences(JsonElement expected, ChatChoice choice)
    {
        if (Text(expected, "text") is { } text && text != choice.Text)
            yield return $"text: {Show(choice.Text)} expected {Show(text)}";
        if (Text(expected, "reasoning") is { } reasoning && reasoning != choice.Reasoning)
            yield return $"reasoning: {Show(choice.Reasoning)} expected {Show(reasoning)}";
        if (Word(expected, "finish_reason_raw") is var word && word != choice.RawStopReason)
            yield return $"raw stop reason: {choice.RawStopReason} expected {word}";
        if (!expected.TryGetProperty("tool_calls", out var calls))
            yield break;
        var expectedCalls = calls.EnumerateArray().Where(IsOfCaller).ToList();
        if (expectedCalls.Count != choice.ToolCalls.Count)
        {
            yield return $"tool calls: {string.Join("; ", choice.ToolCalls)} expected {calls.GetRawText()}";
            yield break;
        }
        for (int i = 0; i < expectedCalls.Count; i++)
        {
            var (wanted, found) = (expectedCalls[i], choice.ToolCalls[i]);
            if (Text(wanted, "name") != found.Name)
                yield return $"tool call {i}: name {found.Name} expected {Text(wanted, "name")}";
            if (Text(wanted, "id") is { Length: > 0 } id && id != found.Id)
                yield return $"tool call {i}: id {found.Id} expected {id}";
            if (!IsSame(wanted, found))
                yield return $"tool call {i}: arguments {Show(found.Arguments)} expected {Show(Text(wanted, "arguments_raw") ?? "")}";
        }
    }

    // The service itself ran a call that has a kind, except for custom tools and calls whose kind says so ("tool_use", Bedrock).
    private static bool IsOfCaller(JsonElement call) => Text(call, "kind") is null or "custom_tool_call" or "tool_use";

    private static bool IsSame(JsonElement expected, ToolCall call)
    {
        string raw = Text(expected, "arguments_raw") ?? "";
        // A complete call without arguments has an empty object.
        if (raw.Length == 0)
            return call.Arguments == (call.IsComplete ? "{}" : "");
        bool isObject = expected.TryGetProperty("args_object", out var flag) && flag.ValueKind == JsonValueKind.True;
        return isObject ? JsonNode.DeepEquals(JsonNode.Parse(raw), JsonNode.Parse(call.Arguments)) : raw == call.Arguments;
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement Overlay(JsonElement under, JsonElement over)
    {
        var joined = JsonNode.Parse(under.GetRawText())!.AsObject();
        foreach (var member in over.EnumerateObject())
            joined[member.Name] = JsonNode.Parse(member.Value.GetRawText());
        return JsonSerializer.SerializeToElement(joined);
    }

    // Some Vertex clients pass enumerations on as numbers.
    private static string? Word(JsonElement of, string name) =>
        Text(of, name) ?? (of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null);

    private static string Show(string text) => text.Length <= 160 ? $"«{text}»" : $"«{text[..80]}…{text[^60..]}» ({text.Length})";
}
