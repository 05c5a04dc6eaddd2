using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What became of one call.</summary>
/// <param name="Turn">The turn in which the model called, from 1; 0 for a call that the conversation brought along, or that was run by itself.</param>
/// <param name="Call">The call as the model wrote it.</param>
/// <param name="Result">What the model is told of it.</param>
public sealed record ToolInvocation(int Turn, ToolCall Call, ToolResultPart Result)
{
    /// <summary>The arguments that were run in place of the call's own; null where nothing was repaired.</summary>
    public string? RepairedArguments { get; init; }

    /// <summary>True when the function was begun; false for a call that was cut off, denied, or of a function that there is not.</summary>
    public bool HasRun { get; init; }

    /// <summary>What the function threw, or an <see cref="ArgumentException"/> where the wire cannot carry what it gave; for the program, never for the model as it is.</summary>
    /// <remarks>No part of its JSON: exceptions cannot be stored, and may hold what nobody should.</remarks>
    [JsonIgnore]
    public Exception? Error { get; init; }

    /// <summary>How long the function ran.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The call's name and id and how it ended; neither arguments nor result.</summary>
    public override string ToString() => $"{Call}: {(Result.IsError ? "failed" : "ended")} after {(long)Elapsed.TotalMilliseconds} ms";
}
