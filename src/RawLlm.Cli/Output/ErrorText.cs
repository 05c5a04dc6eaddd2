namespace RawLlm.Cli.Output;

/// <summary>Says on one line what went wrong, and on the next what may help.</summary>
internal static class ErrorText
{
    /// <param name="shell">Where to say it.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="variable">The variable that the key came from, when there is one.</param>
    public static void Write(Shell shell, LlmException error, string? variable)
    {
        string place = error.Provider is null ? "" : $" [{error.Provider}{(error.Model is null ? "" : " " + error.Model)}{(error.RequestId is null ? "" : ", request " + error.RequestId)}]";
        shell.Error.WriteLine($"{Ink.Error(shell, "error:")} {SafeText.Line(error.Message)} ({error.CauseKind ?? error.Kind}){SafeText.Line(place)}");
        if (Hint(error, variable) is { } hint)
            shell.Error.WriteLine($"hint: {hint}");
    }

    private static string? Hint(LlmException error, string? variable) => (error.CauseKind ?? error.Kind) switch
    {
        LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied => variable is null
            ? "name the variable that holds the key with --key-env"
            : $"check the key in {variable}, or name another variable with --key-env",
        LlmErrorKind.NotFound => "rawllm models lists what the service offers; check --model and --base-url",
        LlmErrorKind.NameResolution or LlmErrorKind.ConnectFailed or LlmErrorKind.ConnectTimeout => "check that the server runs, and --base-url",
        LlmErrorKind.RateLimited or LlmErrorKind.Overloaded => error.RetryAfter is { } wait ? $"try again in {Math.Ceiling(wait.TotalSeconds)} s" : "try again later",
        LlmErrorKind.QuotaExhausted => "the account has no credit left; rawllm providers lists other services",
        LlmErrorKind.ContextLengthExceeded => "the prompt is too long for this model",
        LlmErrorKind.MalformedResponse or LlmErrorKind.UnexpectedContentType or LlmErrorKind.ProtocolViolation => "check that --base-url leads to a model's API",
        LlmErrorKind.InvalidConfiguration => "rawllm providers lists the services and the variables of their keys",
        _ => null,
    };
}
