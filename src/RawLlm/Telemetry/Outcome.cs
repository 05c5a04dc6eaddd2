namespace RawLlm.Telemetry;

/// <summary>How a call ended, as the tag <see cref="Tags.Outcome"/> says it.</summary>
internal static class Outcome
{
    /// <summary>The answer is whole.</summary>
    public const string Done = "done";

    /// <summary>The service refused, or the answer broke off.</summary>
    public const string Failed = "failed";

    /// <summary>The caller cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The caller left a stream before its end, which is no error.</summary>
    public const string Left = "left";

    /// <summary>Which of the two an exception is.</summary>
    public static string Of(Exception e) => e is OperationCanceledException ? Cancelled : Failed;

    /// <summary>What the tag <see cref="Tags.ErrorType"/> says of an exception.</summary>
    public static string ErrorType(Exception e) => e switch
    {
        LlmException known => known.Kind.ToString(),
        OperationCanceledException => "System.OperationCanceledException",
        ArgumentException => "System.ArgumentException",
        ObjectDisposedException => "System.ObjectDisposedException",
        InvalidOperationException => "System.InvalidOperationException",
        _ => "_OTHER",
    };
}
