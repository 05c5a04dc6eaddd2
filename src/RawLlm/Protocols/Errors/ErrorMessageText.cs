using System.Globalization;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Composes the message of an error: what happened, what the service said, what to do.</summary>
internal static class ErrorMessageText
{
    /// <summary>What to do if a proxy requires authentication.</summary>
    public const string ProxyAdvice =
        "Add a user name and password to the proxy's URL, for example in the environment variable HTTPS_PROXY or HTTP_PROXY (http://user:password@host:port).";

    // What happened, as a sentence without its period.
    private static string Summary(ErrorMeaning meaning) =>
        meaning.Kind switch
        {
            LlmErrorKind.BadRequest => "The service rejected the request as invalid",
            LlmErrorKind.ContextLengthExceeded => "The conversation exceeds the model's context window",
            LlmErrorKind.ContentFiltered => "The service rejected the content",
            LlmErrorKind.Authentication => "The service rejected the API key",
            LlmErrorKind.PermissionDenied => "The service does not permit this request",
            LlmErrorKind.NotFound when meaning.IsGone => "The service has permanently removed the model or the URL",
            LlmErrorKind.NotFound => "The service does not know the model or the URL",
            LlmErrorKind.RequestTooLarge => "The request is larger than the service accepts",
            LlmErrorKind.RateLimited => "The service's rate limit for requests or tokens is reached",
            LlmErrorKind.QuotaExhausted => "The account's credit or quota is used up",
            LlmErrorKind.Overloaded => "The service has no capacity at the moment",
            LlmErrorKind.ToolCallMalformed => "The model's tool call was malformed",
            LlmErrorKind.ProxyFailed => "A proxy requires authentication",
            _ => "The service failed",
        };

    /// <summary>Returns the whole message.</summary>
    /// <param name="before">The text before the lead; may be empty.</param>
    /// <param name="meaning">The classification of the error.</param>
    /// <param name="status">The HTTP status, if it should be part of the message.</param>
    /// <param name="body">The content of the error's body.</param>
    /// <param name="retryAfter">How long the service asks to wait.</param>
    /// <param name="limit">The maximum number of characters of the service's own text.</param>
    public static string Message(string before, ErrorMeaning meaning, int? status, ErrorBody body, TimeSpan? retryAfter, int limit)
    {
        var message = new StringBuilder(before).Append(Summary(meaning));
        if (status is { } number)
            message.Append(CultureInfo.InvariantCulture, $" (status {number})");
        string serviceText = ServiceText(body, limit);
        if (serviceText.Length > 0)
            message.Append(": ").Append(serviceText);
        else
            message.Append(MissingText(body.Form));
        if (message[^1] is not ('.' or '!' or '?' or '…' or '。'))
            message.Append('.');
        if (Advice(meaning, status) is { } advice)
            message.Append(' ').Append(advice);
        if (retryAfter > TimeSpan.Zero)
        {
            string seconds = retryAfter.Value.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
            message.Append(" The service asks to wait ").Append(seconds).Append(" s.");
        }
        return message.ToString();
    }

    private static string ServiceText(ErrorBody body, int limit)
    {
        if (body.Form == ErrorForm.WebPage)
            return body.Title is { } title ? $"a web page titled '{TextSanitizer.Clean(title, limit)}' arrived instead of an error" : "";
        string? text = body.Message;
        if (body.UpstreamMessage is { } upstream && upstream != text)
            text = (text is null ? "" : text.TrimEnd('.') + (body.UpstreamName is { } name ? $" ({name})" : "") + ": ") + upstream;
        return TextSanitizer.Clean(text, limit);
    }

    private static string MissingText(ErrorForm form) =>
        form switch
        {
            ErrorForm.Empty => ", and did not say why",
            ErrorForm.WebPage => ": a web page arrived instead of an error",
            ErrorForm.BrokenJson => "; its error could not be read as JSON",
            _ => "; its error has no message",
        };

    private static string? Advice(ErrorMeaning meaning, int? status) =>
        meaning.Kind switch
        {
            LlmErrorKind.Authentication => "Check the API key.",
            LlmErrorKind.PermissionDenied => "Check the permissions of the API key, and where it may be used from.",
            LlmErrorKind.NotFound when meaning.IsGone => "Use another one: this one is no longer offered.",
            LlmErrorKind.NotFound => "Check the model's name and the base URL.",
            LlmErrorKind.ContextLengthExceeded => "Shorten the conversation, or use a model with a larger context window.",
            LlmErrorKind.QuotaExhausted => "Check the account's plan and credit.",
            LlmErrorKind.RequestTooLarge => "Send less, or smaller images and files.",
            // RFC 6585, section 6: this does not come from the service itself.
            LlmErrorKind.ProxyFailed when status == 511 => "Sign in to the network, for example in a browser.",
            LlmErrorKind.ProxyFailed => ProxyAdvice,
            // RFC 9110, section 15.5.20.
            LlmErrorKind.BadRequest when status == 421 =>
                "The status may mean that it does not serve this host: check the base URL and whatever is in front of the service.",
            LlmErrorKind.ServerError
            or LlmErrorKind.Overloaded
                when meaning.Cause is LlmErrorKind.QuotaExhausted or LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied =>
                "It blames the account or its API key, so a retry is unlikely to help.",
            LlmErrorKind.ServerError or LlmErrorKind.Overloaded when meaning.Cause is not null =>
                "It blames the request, so a retry is unlikely to help.",
            _ => null,
        };
}
