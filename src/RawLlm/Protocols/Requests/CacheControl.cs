namespace RawLlm.Protocols;

/// <summary>Anthropic's mark for the prompt cache, which gateways of chat completions take as it is; five minutes are its default.</summary>
/// <remarks>Sources: platform.claude.com/docs/en/build-with-claude/prompt-caching; openrouter.ai/docs/features/prompt-caching.</remarks>
internal static class CacheControl
{
    /// <summary>Writes it among the members of what it marks.</summary>
    /// <param name="json">Where it is written.</param>
    /// <param name="mark">What was asked for; null for nothing.</param>
    /// <param name="isTaken">Whether one may stand here.</param>
    /// <param name="place">Where it stands.</param>
    public static void Write(JsonWriter json, PromptCache? mark, bool isTaken, string place)
    {
        if (mark is not { } kept)
            return;
        if (!isTaken)
        {
            json.Wire.Note(QuirkKind.LeftOut, place);
            return;
        }
        json.WriteName("cache_control"u8);
        json.StartObject();
        json.WriteMember("type"u8, "ephemeral"u8);
        if (kept == PromptCache.OneHour)
            json.WriteMember("ttl"u8, "1h"u8);
        json.EndObject();
    }
}
