using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>Detects web pages with a success status, as sent by sign-in pages and firewalls, instead of an answer.</summary>
internal static class ContentTypeCheck
{
    /// <summary>The end of <see cref="Hint"/> for a media type of another wire.</summary>
    public const string NotOfWire = "which this wire does not use.";

    /// <summary>Whether a media type, in lower case and without parameters, is a web page's.</summary>
    public static bool IsWebPage(string? mediaType) => mediaType is "text/html" or "application/xhtml+xml";

    /// <summary>Whether a media type, in lower case and without parameters, is JSON.</summary>
    public static bool IsJson(string? mediaType) =>
        mediaType is "application/json" or "text/json" || mediaType?.EndsWith("+json", StringComparison.Ordinal) == true;

    /// <summary>Whether the first bytes of a body, after white space, can be the start of server-sent events.</summary>
    public static bool BeginsEvents(ReadOnlySpan<byte> body) =>
        !body.IsEmpty
        && (body[0] == ':' || Begins(body, "data:"u8) || Begins(body, "event:"u8) || Begins(body, "id:"u8) || Begins(body, "retry:"u8));

    /// <summary>Returns the part of an error message about a media type that the answer should not have.</summary>
    public static string Hint(string? mediaType) =>
        mediaType is null
            ? " The answer has no media type."
            : $" The answer's media type is {TextSanitizer.Clean(mediaType, 80)}, {NotOfWire}";

    /// <summary>Creates the error of strict decoding for an answer whose media type is missing or not used by the wire.</summary>
    public static LlmException Refuse(int status, string? mediaType) =>
        new(
            LlmErrorKind.UnexpectedContentType,
            $"Strict decoding: {nameof(QuirkKind.UnexpectedContentType)} at Content-Type.{Hint(mediaType)}"
        )
        {
            Status = status,
            Phase = LlmPhase.AwaitFirstEvent,
        };

    /// <summary>
    /// Returns the error for a body that is a web page, by its media type or its first character; null for any other body.
    /// </summary>
    public static LlmException? Check(int? status, string? mediaType, ReadOnlySpan<byte> body)
    {
        if (!IsWebPage(mediaType) && !WebPage.Is(body))
            return null;
        string code = status is { } number ? string.Create(CultureInfo.InvariantCulture, $"status {number} and ") : "";
        string type = mediaType is null ? "" : $" of type {TextSanitizer.Clean(mediaType, 80)}";
        string title = WebPage.Title(body) is { } found ? $", titled '{found}'," : "";
        return new LlmException(
            LlmErrorKind.UnexpectedContentType,
            $"The server returned {code}a web page{type}{title} instead of an answer. Check the base URL, and whether a sign-in page or a firewall is in front of the service."
        )
        {
            Status = status,
            Phase = LlmPhase.AwaitFirstEvent,
        };
    }

    private static bool Begins(ReadOnlySpan<byte> body, ReadOnlySpan<byte> with) =>
        with.StartsWith(body[..Math.Min(body.Length, with.Length)]);
}
