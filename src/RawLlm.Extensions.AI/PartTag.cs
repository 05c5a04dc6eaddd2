using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>What a service wants back with a part, as a text that survives where contents are stored as JSON.</summary>
/// <remarks>
/// <c>RawLlm1;12-5f2a;[…]</c>: a mark of the text that the data belongs to (<see cref="TextMark"/>), and a stored conversation (<see cref="Conversation"/>) of one
/// part, whose kind says what the data belongs to; its text is left empty. So a text that was edited is told from the one that was signed.
/// </remarks>
internal static class PartTag
{
    /// <summary>In place of a mark: the part is whole as it is.</summary>
    public const string Whole = "";

    /// <summary>In place of a mark: the part is a call, whose arguments the content holds.</summary>
    public const string ArgumentsInContent = "call";

    /// <summary>In place of a mark: the data belongs to the picture or sound that the content holds.</summary>
    public const string BytesInContent = "bytes";

    // Parts two texts, which would be joined to one when updates are made a message.
    private const string Border = Start + "border";

    // Keeps the place of a call that was still open when what came behind it was shown.
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

    /// <summary>What a stream says is wanted back, as deep as the stream may be.</summary>
    public static WireData Data(string protocol, ReadOnlySpan<byte> json)
    {
        // A RawJson of one's own goes 64 levels deep; a stored conversation goes as deep as all that a decoder lets through.
        var stored = new ArrayBufferWriter<byte>(json.Length + 128);
        stored.Write("[{\"role\":\"assistant\",\"parts\":[{\"type\":\"opaque\",\"wire\":{\"protocol\":\""u8);
        stored.Write(JsonEncodedText.Encode(protocol).EncodedUtf8Bytes);
        stored.Write("\",\"json\":"u8);
        stored.Write(json);
        stored.Write("}}]}]"u8);
        return Conversation.Read(stored.WrittenSpan)[0].Parts[0].WireData!;
    }

    /// <summary>The tag of a content; null when it has none. What was read from JSON holds it as an element.</summary>
    public static string? Of(AIContent content) => content.AdditionalProperties?.TryGetValue(LlmAdapterKeys.Part, out object? value) != true ? null : value switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => "",
    };

    public static AIContent NewContent(string tag) => new() { AdditionalProperties = new() { [LlmAdapterKeys.Part] = tag } };

    public static AIContent NewBorder() => NewContent(Border);

    public static bool IsBorder(string tag) => tag == Border;

    public static AIContent NewPlace(string callId) => NewContent(Place + callId);

    /// <summary>The id of the call whose place it is; null when it is no place.</summary>
    public static string? PlaceOf(string tag) => tag.StartsWith(Place, StringComparison.Ordinal) ? tag[Place.Length..] : null;
}
