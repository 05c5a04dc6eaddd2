namespace RawLlm.Testing;

/// <summary>OpenAI's error bodies, which chat completions and Responses share.</summary>
internal static class OpenAIErrors
{
    public static WireError Of(LlmErrorKind kind, string message)
    {
        var (status, type, code) = kind switch
        {
            LlmErrorKind.Authentication => (401, "invalid_request_error", "invalid_api_key"),
            LlmErrorKind.PermissionDenied => (403, "invalid_request_error", "permission_denied"),
            LlmErrorKind.NotFound => (404, "invalid_request_error", "model_not_found"),
            LlmErrorKind.ContextLengthExceeded => (400, "invalid_request_error", "context_length_exceeded"),
            LlmErrorKind.ContentFiltered => (400, "invalid_request_error", "content_policy_violation"),
            LlmErrorKind.RequestTooLarge => (413, "invalid_request_error", "request_too_large"),
            LlmErrorKind.QuotaExhausted => (429, "insufficient_quota", "insufficient_quota"),
            LlmErrorKind.RateLimited => (429, "requests", "rate_limit_exceeded"),
            LlmErrorKind.Overloaded => (503, "server_error", "service_unavailable"),
            LlmErrorKind.ServerError => (500, "server_error", null),
            _ => (400, "invalid_request_error", (string?)null),
        };
        return new(
            status,
            JsonBytes.Object(json =>
                json.WriteObject(
                    "error",
                    error =>
                    {
                        error.WriteText("message", message);
                        error.WriteString("type", type);
                        error.WriteNull("param");
                        if (code is null)
                            error.WriteNull("code");
                        else
                            error.WriteString("code", code);
                    }
                )
            )
        );
    }
}
