namespace RawLlm.Telemetry;

/// <summary>How a call ended: the values of the tag <see cref="Tags.Outcome"/>.</summary>
internal static class Outcome
{
    /// <summary>The answer is whole.</summary>
    public const string Done = "done";

    /// <summary>The service returned an error, or the answer broke off.</summary>
    public const string Failed = "failed";

    /// <summary>The caller canceled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The caller disposed a stream before its end, which is not an error.</summary>
    public const string Left = "left";

    /// <summary>Returns <see cref="Cancelled"/> or <see cref="Failed"/> for an exception.</summary>
    public static string Of(Exception e) => e is OperationCanceledException ? Cancelled : Failed;

    /// <summary>Returns the value of the tag <see cref="Tags.ErrorType"/> for an exception.</summary>
    public static string ErrorType(Exception e) =>
        e switch
        {
            LlmException known => known.Kind.ToString(),
            OperationCanceledException => "System.OperationCanceledException",
            ArgumentException => "System.ArgumentException",
            ObjectDisposedException => "System.ObjectDisposedException",
            InvalidOperationException => "System.InvalidOperationException",
            _ => "_OTHER",
        };
}
