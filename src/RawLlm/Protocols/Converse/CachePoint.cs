namespace RawLlm.Protocols;

/// <summary>The prompt caching mark of the Converse wire, which follows what it marks; its default lifetime is five minutes.</summary>
/// <remarks>Source: docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html; one hour since 2026.</remarks>
internal static class CachePoint
{
    /// <summary>Writes the mark.</summary>
    /// <param name="json">Receives the mark.</param>
    /// <param name="mark">The requested caching; null for none.</param>
    /// <param name="isTaken">Whether the mark can be sent here.</param>
    /// <param name="takesHour">Whether the model accepts a mark for one hour.</param>
    /// <param name="place">The place on the wire, for the quirk.</param>
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
