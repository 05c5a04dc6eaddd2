using RawLlm.Cli.Targets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Output;

/// <summary>Prints what went wrong on one line, and what may help on the next.</summary>
internal static class ErrorText
{
    /// <param name="shell">Where to print.</param>
    /// <param name="error">The error.</param>
    /// <param name="target">The service that was asked; null if there was none.</param>
    /// <param name="model">The model that was asked; null if only the models were listed.</param>
    /// <param name="isEmbedding">Whether the model was asked for embeddings, not for an answer.</param>
    public static void Write(Shell shell, LlmException error, Target? target, string? model, bool isEmbedding = false)
    {
        string place = error.Provider is null
            ? ""
            : $" [{error.Provider}{(model is null ? "" : " " + model)}{(error.RequestId is null ? "" : ", request " + error.RequestId)}]";
        shell.Error.WriteLine(
            $"{TerminalColor.Error(shell, "error:")} {SafeText.Line(error.Message)} ({error.CauseKind ?? error.Kind}){SafeText.Line(place)}"
        );
        if (((isEmbedding ? EmbeddingHint(error, model) : null) ?? Hint(error, target, model)) is { } hint)
            shell.Error.WriteLine($"hint: {hint}");
    }

    // Where the hint for a question would not help.
    private static string? EmbeddingHint(LlmException error, string? model) =>
        (error.CauseKind ?? error.Kind) switch
        {
            LlmErrorKind.NotFound or LlmErrorKind.Unsupported when model is null => "name a model for embeddings with --model",
            LlmErrorKind.NotFound or LlmErrorKind.BadRequest =>
                "check that --model names a model for embeddings; rawllm models lists what the service offers",
            LlmErrorKind.Unsupported => "name another service with --provider; rawllm providers lists them",
            LlmErrorKind.ContextLengthExceeded => "a text is too long for this model: split it, or choose a model for longer texts",
            LlmErrorKind.LimitExceeded => "the answer is larger than this program accepts; pass fewer texts at once",
            _ => null,
        };

    private static string? Hint(LlmException error, Target? target, string? model) =>
        (error.CauseKind ?? error.Kind) switch
        {
            LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied => target?.KeyVariable is null
                ? "name the variable that contains the API key with --key-env"
                : $"check the API key in {target.KeyVariable}, or name another variable with --key-env",
            LlmErrorKind.NotFound when error.Status == 410 =>
                "rawllm models lists what the service still offers; rawllm providers lists other services",
            LlmErrorKind.NotFound when error.Status is null && model is null => "name a model with --model",
            LlmErrorKind.NotFound when model is null =>
                "there is no list of models at that address; check --base-url. A server without a list can still be asked with rawllm chat --model NAME",
            LlmErrorKind.NotFound => "rawllm models lists what the service offers; check --model and --base-url",
            LlmErrorKind.HeadersTimeout
            or LlmErrorKind.FirstEventTimeout
            or LlmErrorKind.IdleTimeout
            or LlmErrorKind.StallTimeout
            or LlmErrorKind.DeadlineExceeded => "a model that is still loading, or reasons for long, may need more time: --timeout SECONDS",
            LlmErrorKind.UnexpectedRedirect => "check --base-url: redirects are not followed, so it must be the server's final address",
            LlmErrorKind.ProxyFailed => "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names the proxy; NO_PROXY excludes hosts",
            LlmErrorKind.NameResolution or LlmErrorKind.ConnectFailed or LlmErrorKind.ConnectTimeout =>
                "check that the server is running, and check --base-url",
            LlmErrorKind.RateLimited or LlmErrorKind.Overloaded => error.RetryAfter is { } wait
                ? $"try again in {Math.Ceiling(wait.TotalSeconds)} s"
                : "try again later",
            LlmErrorKind.QuotaExhausted => "the account has no credit left; rawllm providers lists other services",
            LlmErrorKind.ContextLengthExceeded =>
                "the prompt is too long for this model: shorten it, or choose a model with a larger context window",
            LlmErrorKind.MalformedResponse or LlmErrorKind.UnexpectedContentType or LlmErrorKind.ProtocolViolation =>
                "check that --base-url points to a model's API",
            LlmErrorKind.Unsupported when model is null => "rawllm chat --model NAME asks a service without a list of models",
            LlmErrorKind.Unsupported =>
                "leave out --attach, --schema or --think, or choose another model: rawllm models --supports vision lists those that accept images",
            LlmErrorKind.LimitExceeded
                when model is null || error.Limit is LlmLimit.ResponseHeaders or LlmLimit.DecompressionRatio or LlmLimit.JsonDepth =>
                "check that --base-url points to a model's API",
            LlmErrorKind.LimitExceeded =>
                "the answer is larger than this program accepts; ask for a shorter one, or limit it with --max-tokens",
            LlmErrorKind.ConnectionLost => "try again; if the connection breaks every time, check --base-url and any proxy in between",
            // Not an answer at all, but a file, for example.
            LlmErrorKind.StreamTruncated when error.Message.Contains(ContentTypeCheck.NotOfWire, StringComparison.Ordinal) =>
                "check that --base-url points to a model's API",
            LlmErrorKind.StreamTruncated =>
                "try again; if the answer ends early every time, use --no-stream, and check any proxy in between",
            LlmErrorKind.ServerError => "the service failed: try again later, or choose another model",
            LlmErrorKind.InvalidConfiguration => target?.Problem?.Hint,
            _ => null,
        };
}
