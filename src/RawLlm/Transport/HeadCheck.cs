namespace RawLlm.Transport;

/// <summary>What the platform lets pass in the head of a response, and this library does not.</summary>
internal static class HeadCheck
{
    /// <summary>The error for a response that is not to be believed; null for any other.</summary>
    /// <param name="response">The response.</param>
    /// <param name="head">What it says of its body.</param>
    /// <param name="sent">Where the request was sent.</param>
    public static LlmException? Check(HttpResponseMessage response, in ContentHead head, Uri sent)
    {
        // A client that was handed in may follow redirects, with the key; ours never does.
        if (response.RequestMessage?.RequestUri is { } answered && !ReferenceEquals(answered, sent) && (answered.Scheme != sent.Scheme || answered.Host != sent.Host || answered.Port != sent.Port))
            return new LlmException(LlmErrorKind.UnexpectedRedirect, "The HTTP client that was handed in followed a redirect to another server. Switch that off (AllowAutoRedirect = false), since it may take the key along, and correct the base URL.") { Phase = LlmPhase.AwaitHeaders };
        // The platform ends its wait at 101, after which another protocol is spoken (RFC 9110, section 15.2.2); its body is the whole connection.
        if ((int)response.StatusCode < 200)
            return new LlmException(LlmErrorKind.ProtocolViolation, $"The server answered with status {(int)response.StatusCode}, after which no answer follows and for which nobody asked. Check the base URL.") { Status = (int)response.StatusCode, Phase = LlmPhase.AwaitHeaders };
        if (head.Lengths.Count > 0 && !IsOneLength(head.Lengths))
            return new LlmException(LlmErrorKind.ProtocolViolation, "The response's Content-Length is not one whole number.") { Phase = LlmPhase.AwaitHeaders };
        return null;
    }

    private static bool IsOneLength(System.Net.Http.Headers.HeaderStringValues lengths)
    {
        string? first = null;
        foreach (string value in lengths)
        {
            // One number, given twice over, is still one number.
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
