using System.Buffers.Text;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>A picture or sound that a model made, as it stands on the wire.</summary>
internal readonly ref struct MadeMedia
{
    // What Uri takes on .NET 9.
    private const int LongestAddress = 65_000;

    private readonly ReadOnlySpan<byte> _content;
    private readonly string? _type;

    private MadeMedia(ReadOnlySpan<byte> content, string? type)
    {
        _content = content;
        _type = type;
    }

    /// <summary>Reads an address of a picture: one that holds it, or one where it can be had.</summary>
    public static bool TryReadAddress(JsonText address, out MadeMedia media)
    {
        var text = Unescape(address);
        media = default;
        if (!text.StartsWith("data:"u8))
        {
            bool isAddress = (text.StartsWith("https://"u8) || text.StartsWith("http://"u8)) && text.Length <= LongestAddress && Uri.TryCreate(Encoding.UTF8.GetString(text), UriKind.Absolute, out _);
            media = new MadeMedia(text, null);
            return isAddress;
        }
        int comma = text.IndexOf((byte)',');
        if (comma < 0 || !text[..comma].EndsWith(";base64"u8))
            return false;
        return TryRead(text[(comma + 1)..], JsonText.Of(text["data:".Length..(comma - ";base64".Length)], isEscaped: false), "image/png", out media);
    }

    /// <summary>Reads bytes.</summary>
    /// <param name="base64">They, in base64.</param>
    /// <param name="type">Their media type, where the wire says it.</param>
    /// <param name="other">What they are taken for where neither the wire nor their beginning tells it.</param>
    /// <param name="media">What was read.</param>
    /// <returns>False where there are none, or it is no base64.</returns>
    public static bool TryRead(JsonText base64, JsonText type, string other, out MadeMedia media) => TryRead(Unescape(base64), type, other, out media);

    /// <summary>Gives it as an event.</summary>
    public void Give(int choice, int part, EventBuffer events) => events.Add(StreamEventKind.Media, choice, part, _content, name: _type);

    /// <summary>The text as it is without escapes: base64 and addresses hold slashes, which some services escape.</summary>
    public static ReadOnlySpan<byte> Unescape(JsonText text) => text.IsEscaped ? Encoding.UTF8.GetBytes(text.ToString()) : text.Raw;

    /// <summary>Takes bytes of a type that is known.</summary>
    public static bool TryRead(ReadOnlySpan<byte> base64, string type, out MadeMedia media)
    {
        media = new MadeMedia(base64, type);
        return Base64.IsValid(base64, out int length) && length > 0;
    }

    private static bool TryRead(ReadOnlySpan<byte> base64, JsonText type, string other, out MadeMedia media)
    {
        string? known = type.IsEmpty ? null : KnownText.Get(type);
        if (known is null || !MediaType.IsValid(known, ""))
            known = FileTypes.OfBytes(base64) ?? other;
        return TryRead(base64, known, out media);
    }
}
