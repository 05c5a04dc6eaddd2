using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>Tells a web page that came with a status of success, as sign-in pages and firewalls send them, from an answer of a model.</summary>
internal static class ContentTypeCheck
{
    /// <summary>Whether a media type, in lower case and without parameters, is that of a web page.</summary>
    public static bool IsWebPage(string? mediaType) => mediaType is "text/html" or "application/xhtml+xml";

    /// <summary>The error for a body that is a web page, by its media type or its first character; null for any other body.</summary>
    public static LlmException? Check(int? status, string? mediaType, ReadOnlySpan<byte> body)
    {
        if (!IsWebPage(mediaType) && !WebPage.Is(body))
            return null;
        string code = status is { } number ? string.Create(CultureInfo.InvariantCulture, $"status {number} and ") : "";
        string type = mediaType is null ? "" : $" of type {ServiceText.Clean(mediaType, 80)}";
        string title = WebPage.Title(body) is { } found ? $", titled '{found}'," : "";
        return new LlmException(
            LlmErrorKind.UnexpectedContentType,
            $"The server answered with {code}a web page{type}{title} in place of a model's answer. Check the base URL, and whether a sign-in page or a firewall stands before the service.")
        {
            Status = status,
            Phase = LlmPhase.AwaitFirstEvent,
        };
    }
}
