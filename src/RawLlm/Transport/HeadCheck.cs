namespace RawLlm.Transport;

/// <summary>Checks a response's head for what .NET accepts and this library does not.</summary>
internal static class HeadCheck
{
    /// <summary>Returns the error for a response that cannot be trusted; null for any other.</summary>
    /// <param name="response">The response.</param>
    /// <param name="head">What it says about its body.</param>
    /// <param name="sent">The URL to which the request was sent.</param>
    public static LlmException? Check(HttpResponseMessage response, in ContentHead head, Uri sent)
    {
        // An HttpClient that was passed in may follow redirects and send the key along; ours never does.
        if (
            response.RequestMessage?.RequestUri is { } answered
            && !ReferenceEquals(answered, sent)
            && (answered.Scheme != sent.Scheme || answered.Host != sent.Host || answered.Port != sent.Port)
        )
        {
            return new LlmException(
                LlmErrorKind.UnexpectedRedirect,
                "The HttpClient that was passed in followed a redirect to another server. Switch redirects off (AllowAutoRedirect = false), because they may send the API key along, and correct the base URL."
            )
            {
                Phase = LlmPhase.AwaitHeaders,
            };
        }
        // .NET stops waiting at 101, after which another protocol is spoken (RFC 9110, section 15.2.2); the body is then the whole
        // connection.
        if ((int)response.StatusCode < 200)
        {
            return new LlmException(
                LlmErrorKind.ProtocolViolation,
                $"The server answered with status {(int)response.StatusCode}, which was not requested and is followed by no answer. Check the base URL."
            )
            {
                Status = (int)response.StatusCode,
                Phase = LlmPhase.AwaitHeaders,
            };
        }

        if (head.Lengths.Count > 0 && !IsOneLength(head.Lengths))
        {
            return new LlmException(LlmErrorKind.ProtocolViolation, "The response's Content-Length is not a single whole number.")
            {
                Phase = LlmPhase.AwaitHeaders,
            };
        }

        return null;
    }

    private static bool IsOneLength(System.Net.Http.Headers.HeaderStringValues lengths)
    {
        string? first = null;
        foreach (string value in lengths)
        {
            // The same number twice is still one number.
            foreach (string part in value.Split(','))
            {
                string length = part.Trim();
                if (length.Length == 0 || length.AsSpan().ContainsAnyExceptInRange('0', '9') || (first ??= length) != length)
                    return false;
            }
        }
        return true;
    }
}
