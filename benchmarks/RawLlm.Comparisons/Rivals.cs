namespace RawLlm.Comparisons;

/// <summary>The packages that the library is compared with.</summary>
internal static class Rivals
{
    /// <summary>The versions of the packages.</summary>
    public static string Versions =>
        $"OpenAI {Version(typeof(OpenAI.OpenAIClient))}, Anthropic {Version(typeof(Anthropic.AnthropicClient))}; SseParser, Utf8JsonReader and System.Text.Json of the platform";

    private static string Version(Type type) => type.Assembly.GetName().Version?.ToString(3) ?? "?";
}
