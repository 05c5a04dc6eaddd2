using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The outcome of one call.</summary>
/// <param name="Turn">The turn in which the model made the call, from 1; 0 for a call that the conversation already contained, or that was
/// run on its own.</param>
/// <param name="Call">The call as the model wrote it.</param>
/// <param name="Result">The result that the model receives.</param>
public sealed record ToolInvocation(int Turn, ToolCall Call, ToolResultPart Result)
{
    /// <summary>The arguments that the tool ran with instead of the call's own; null if nothing was repaired.</summary>
    public string? RepairedArguments { get; init; }

    /// <summary>Whether the tool was started; false for a call that was cut off or denied, or that names an unknown tool.</summary>
    public bool HasRun { get; init; }

    /// <summary>The exception that the tool threw, or an <see cref="ArgumentException"/> if the wire cannot carry its result. For the
    /// program; never pass it to the model unchanged.</summary>
    /// <remarks>Not part of the JSON: exceptions cannot be stored, and may contain secrets.</remarks>
    [JsonIgnore]
    public Exception? Error { get; init; }

    /// <summary>How long the tool ran.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The length of the result's text before it was cut to <see cref="ToolLoopOptions.MaxResultLength"/>, in characters; null if
    /// it was not cut.</summary>
    public long? UncutLength { get; init; }

    /// <summary>Returns the call's name and ID and how it ended; neither arguments nor result.</summary>
    public override string ToString() => $"{Call}: {(Result.IsError ? "failed" : "ended")} after {(long)Elapsed.TotalMilliseconds} ms";
}
