namespace RawLlm.Protocols;

/// <summary>The mark for the prompt cache of the Converse wire, which stands behind what it marks; five minutes are its default.</summary>
/// <remarks>Source: docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html; one hour since 2026.</remarks>
internal static class CachePoint
{
    /// <summary>Writes it.</summary>
    /// <param name="json">Where it is written.</param>
    /// <param name="mark">What was asked for; null for nothing.</param>
    /// <param name="isTaken">Whether one may stand here.</param>
    /// <param name="takesHour">Whether the model takes one for an hour.</param>
    /// <param name="place">Where it stands.</param>
    public static void Write(JsonWriter json, PromptCache? mark, bool isTaken, bool takesHour, string place)
    {
        if (mark is not { } kept)
            return;
        // 403 "You invoked an unsupported model or your request did not allow prompt caching" (2025, 2026).
        if (!isTaken)
        {
            json.Wire.Note(QuirkKind.LeftOut, place);
            return;
        }
        json.StartObject();
        json.WriteName("cachePoint"u8);
        json.StartObject();
        json.WriteMember("type"u8, "default"u8);
        if (kept == PromptCache.OneHour && takesHour)
            json.WriteMember("ttl"u8, "1h"u8);
        else if (kept == PromptCache.OneHour)
            json.Wire.Note(QuirkKind.Adapted, place);
        json.EndObject();
        json.EndObject();
    }
}
