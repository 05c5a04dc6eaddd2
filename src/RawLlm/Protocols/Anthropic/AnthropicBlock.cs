using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>A content block of the Messages wire that is kept whole.</summary>
internal static class AnthropicBlock
{
    /// <summary>What is left of one where it goes back.</summary>
    public static TurnPart RemainsOf(OpaquePart block)
    {
        if (AnthropicContainer.Is(block))
            return TurnPart.LeftOut;
        var type = Find(block.WireData!.Json.Utf8, "type"u8);
        // Thoughts that are not shown are blocks without a text.
        return type.Is("redacted_thinking"u8) || type.Is("thinking"u8) ? TurnPart.Thought : TurnPart.Said;
    }

    /// <summary>Whether a block is of a type; cheap for all that do not so much as name it.</summary>
    public static bool IsOf(ReadOnlySpan<byte> block, ReadOnlySpan<byte> type) => block.IndexOf(type) >= 0 && Find(block, "type"u8).Is(type);

    /// <summary>A text under a name in a block; none where there is no such.</summary>
    public static JsonText Find(ReadOnlySpan<byte> block, ReadOnlySpan<byte> member)
    {
        var reader = new Utf8JsonReader(block, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        return WireJson.TryFindMember(ref reader, member) && reader.TokenType == JsonTokenType.String ? JsonText.Read(ref reader) : default;
    }
}
