using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>Tells a web page that came with a status of success, as sign-in pages and firewalls send them, from an answer of a model.</summary>
internal static class ContentTypeCheck
{
    /// <summary>Whether a media type, in lower case and without parameters, is that of a web page.</summary>
    public static bool IsWebPage(string? mediaType) => mediaType is "text/html" or "application/xhtml+xml";

    /// <summary>Whether a media type, in lower case and without parameters, is that of a JSON document.</summary>
    public static bool IsJson(string? mediaType) =>
        mediaType is "application/json" or "text/json" || mediaType?.EndsWith("+json", StringComparison.Ordinal) == true;

    /// <summary>Whether the first bytes of a body, white space aside, are those of server-sent events, as far as they go.</summary>
    public static bool BeginsEvents(ReadOnlySpan<byte> body) =>
        !body.IsEmpty && (body[0] == ':' || Begins(body, "data:"u8) || Begins(body, "event:"u8) || Begins(body, "id:"u8) || Begins(body, "retry:"u8));

    /// <summary>What an error says of a media type that the answer should not have.</summary>
    public static string Hint(string? mediaType) => mediaType is null
        ? " The answer names no media type."
        : $" The answer's media type is {ForeignText.Clean(mediaType, 80)}, which is not the wire's own.";

    /// <summary>The error of strict decoding for an answer whose media type is missing or not the wire's own.</summary>
    public static LlmException Refuse(int status, string? mediaType) =>
        new(LlmErrorKind.UnexpectedContentType, $"Strict decoding: {QuirkKind.UnexpectedContentType} at Content-Type.{Hint(mediaType)}") { Status = status, Phase = LlmPhase.AwaitFirstEvent };

    /// <summary>The error for a body that is a web page, by its media type or its first character; null for any other body.</summary>
    public static LlmException? Check(int? status, string? mediaType, ReadOnlySpan<byte> body)
    {
        if (!IsWebPage(mediaType) && !WebPage.Is(body))
            return null;
        string code = status is { } number ? string.Create(CultureInfo.InvariantCulture, $"status {number} and ") : "";
        string type = mediaType is null ? "" : $" of type {ForeignText.Clean(mediaType, 80)}";
        string title = WebPage.Title(body) is { } found ? $", titled '{found}'," : "";
        return new LlmException(
            LlmErrorKind.UnexpectedContentType,
            $"The server answered with {code}a web page{type}{title} in place of a model's answer. Check the base URL, and whether a sign-in page or a firewall stands before the service.")
        {
            Status = status,
            Phase = LlmPhase.AwaitFirstEvent,
        };
    }

    private static bool Begins(ReadOnlySpan<byte> body, ReadOnlySpan<byte> with) => with.StartsWith(body[..Math.Min(body.Length, with.Length)]);
}
