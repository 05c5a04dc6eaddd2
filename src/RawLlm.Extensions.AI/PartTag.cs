using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>The data that a service wants back with a part, as a text that survives when contents are stored as JSON.</summary>
/// <remarks>
/// <c>RawLlm1;12-5f2a;[…]</c>: a mark of the text that the data belongs to (<see cref="TextMark"/>), and a stored conversation
/// (<see cref="Conversation"/>) with one part, whose kind shows what the data belongs to; its text is empty. The mark distinguishes an
/// edited text from the signed one.
/// </remarks>
internal static class PartTag
{
    /// <summary>Instead of a mark: the part is complete by itself.</summary>
    public const string Whole = "";

    /// <summary>Instead of a mark: the part is a tool call, and the content holds its arguments.</summary>
    public const string ArgumentsInContent = "call";

    /// <summary>Instead of a mark: the data belongs to the image or file that the content holds.</summary>
    public const string BytesInContent = "bytes";

    // Separates two texts that would be joined when updates become a message.
    private const string Border = Start + "border";

    // Keeps the position of a call that was still incomplete when a later part was handed on.
    private const string Place = Start + "place;";

    private const string Start = "RawLlm1;";

    public static string Write(Part part, string mark) =>
        $"{Start}{mark};{Encoding.UTF8.GetString(Conversation.Write([new Message(Role.Assistant, [part])]))}";

    public static bool TryRead(string? tag, out Part part, out string mark)
    {
        part = null!;
        mark = "";
        if (tag is null || !tag.StartsWith(Start, StringComparison.Ordinal))
            return false;
        int end = tag.IndexOf(';', Start.Length);
        if (end < 0)
            return false;
        mark = tag[Start.Length..end];
        try
        {
            if (Conversation.Read(Encoding.UTF8.GetBytes(tag[(end + 1)..])) is not [{ Parts: [{ } single] }])
                return false;
            part = single;
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Reads the data that a stream wants back, at any nesting depth that a stream allows.</summary>
    public static WireData Data(string protocol, ReadOnlySpan<byte> json)
    {
        // RawJson allows only 64 levels; a stored conversation allows the depth that decoders allow.
        var stored = new ArrayBufferWriter<byte>(json.Length + 128);
        stored.Write("[{\"role\":\"assistant\",\"parts\":[{\"type\":\"opaque\",\"wire\":{\"protocol\":\""u8);
        stored.Write(JsonEncodedText.Encode(protocol).EncodedUtf8Bytes);
        stored.Write("\",\"json\":"u8);
        stored.Write(json);
        stored.Write("}}]}]"u8);
        return Conversation.Read(stored.WrittenSpan)[0].Parts[0].WireData!;
    }

    /// <summary>
    /// Returns the tag of a content; null if it has none. In a content that was read from JSON, the tag is a <c>JsonElement</c>.
    /// </summary>
    public static string? Of(AIContent content) =>
        content.AdditionalProperties?.TryGetValue(LlmAdapterKeys.Part, out object? value) != true
            ? null
            : value switch
            {
                string text => text,
                JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
                _ => "",
            };

    public static AIContent NewContent(string tag) => new() { AdditionalProperties = new() { [LlmAdapterKeys.Part] = tag } };

    public static AIContent NewBorder() => NewContent(Border);

    public static bool IsBorder(string tag) => tag == Border;

    public static AIContent NewPlace(string callId) => NewContent(Place + callId);

    /// <summary>Returns the ID of the call whose position a tag keeps; null if it keeps none.</summary>
    public static string? PlaceOf(string tag) => tag.StartsWith(Place, StringComparison.Ordinal) ? tag[Place.Length..] : null;
}
