namespace RawLlm.Protocols;

/// <summary>
/// Anthropic's mark for prompt caching, which chat completions gateways also accept; its default lifetime is five minutes.
/// </summary>
/// <remarks>Sources: platform.claude.com/docs/en/build-with-claude/prompt-caching; openrouter.ai/docs/features/prompt-caching.</remarks>
internal static class CacheControl
{
    /// <summary>Writes the mark as a member of the object that it applies to.</summary>
    /// <param name="json">Receives the member.</param>
    /// <param name="mark">The requested caching; null for none.</param>
    /// <param name="isTaken">Whether the mark can be sent here.</param>
    /// <param name="place">The place on the wire, for the quirk.</param>
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
