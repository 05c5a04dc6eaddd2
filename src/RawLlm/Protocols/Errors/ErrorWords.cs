using System.Globalization;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Words the message of an error: what happened, what the service said, what to do.</summary>
internal static class ErrorWords
{
    /// <summary>What to do where a proxy wants to know who asks.</summary>
    public const string ProxyAdvice = "Give a user and a password where the proxy is named, such as the environment variable HTTPS_PROXY or HTTP_PROXY (http://user:password@host:port).";

    // What happened, as a sentence without its full stop.
    private static string Lead(ErrorMeaning meaning) => meaning.Kind switch
    {
        LlmErrorKind.BadRequest => "The service refused the request as wrong",
        LlmErrorKind.ContextLengthExceeded => "The conversation is longer than the model takes",
        LlmErrorKind.ContentFiltered => "The service refused the content",
        LlmErrorKind.Authentication => "The service refused the key",
        LlmErrorKind.PermissionDenied => "The service does not permit this request",
        LlmErrorKind.NotFound when meaning.IsGone => "The service says that the model or the address is gone for good",
        LlmErrorKind.NotFound => "The service does not know the model or the address",
        LlmErrorKind.RequestTooLarge => "The request has more bytes than the service takes",
        LlmErrorKind.RateLimited => "The service's limit of requests or tokens is reached",
        LlmErrorKind.QuotaExhausted => "The account's credit or quota is used up",
        LlmErrorKind.Overloaded => "The service has no capacity at the moment",
        LlmErrorKind.ToolCallMalformed => "The model's function call was malformed",
        LlmErrorKind.ProxyFailed => "A proxy on the way wants to know who asks",
        _ => "The service failed",
    };

    /// <summary>The whole message.</summary>
    /// <param name="before">What comes before the lead; empty for nothing.</param>
    /// <param name="meaning">What the error comes down to.</param>
    /// <param name="status">The HTTP status, when it belongs into the message.</param>
    /// <param name="body">What the body says.</param>
    /// <param name="retryAfter">How long the service asks to wait.</param>
    /// <param name="limit">The most characters of the service's own text.</param>
    public static string Message(string before, ErrorMeaning meaning, int? status, ErrorBody body, TimeSpan? retryAfter, int limit)
    {
        var message = new StringBuilder(before).Append(Lead(meaning));
        if (status is { } number)
            message.Append(CultureInfo.InvariantCulture, $" (status {number})");
        string said = Said(body, limit);
        if (said.Length > 0)
            message.Append(": ").Append(said);
        else
            message.Append(Unsaid(body.Form));
        if (message[^1] is not ('.' or '!' or '?' or '…' or '。'))
            message.Append('.');
        if (Advice(meaning, status) is { } advice)
            message.Append(' ').Append(advice);
        if (retryAfter > TimeSpan.Zero)
            message.Append(CultureInfo.InvariantCulture, $" The service asks to wait {retryAfter.Value.TotalSeconds:0.###} s.");
        return message.ToString();
    }

    private static string Said(ErrorBody body, int limit)
    {
        if (body.Form == ErrorForm.WebPage)
            return body.Title is { } title ? $"a web page titled '{ForeignText.Clean(title, limit)}' came in place of an error" : "";
        string? text = body.Message;
        if (body.UpstreamMessage is { } upstream && upstream != text)
            text = (text is null ? "" : text.TrimEnd('.') + (body.UpstreamName is { } name ? $" ({name})" : "") + ": ") + upstream;
        return ForeignText.Clean(text, limit);
    }

    private static string Unsaid(ErrorForm form) => form switch
    {
        ErrorForm.Empty => ", and did not say why",
        ErrorForm.WebPage => ": a web page came in place of an error",
        ErrorForm.BrokenJson => "; its error is not whole JSON",
        _ => "; its error has no message",
    };

    private static string? Advice(ErrorMeaning meaning, int? status) => meaning.Kind switch
    {
        LlmErrorKind.Authentication => "Check the key.",
        LlmErrorKind.PermissionDenied => "Check what the key may do, and from where.",
        LlmErrorKind.NotFound when meaning.IsGone => "Take another one: what was there is no longer offered.",
        LlmErrorKind.NotFound => "Check the model's name and the base URL.",
        LlmErrorKind.ContextLengthExceeded => "Shorten the conversation, or take a model with a larger context.",
        LlmErrorKind.QuotaExhausted => "Check the account's plan and credit.",
        LlmErrorKind.RequestTooLarge => "Send less, or smaller images and files.",
        // RFC 6585, section 6: nothing of the service's own.
        LlmErrorKind.ProxyFailed when status == 511 => "Sign in to the network, as a browser is asked to.",
        LlmErrorKind.ProxyFailed => ProxyAdvice,
        // RFC 9110, section 15.5.20.
        LlmErrorKind.BadRequest when status == 421 => "Where it means that it does not answer for this host, check the base URL and what stands before the service.",
        LlmErrorKind.ServerError when meaning.Cause is not null => "It blames the request: sending that again is unlikely to help.",
        _ => null,
    };
}
