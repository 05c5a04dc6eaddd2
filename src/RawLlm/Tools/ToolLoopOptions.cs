namespace RawLlm;

/// <summary>What a <see cref="ToolLoop"/> may do. Hooks may be called by several threads at once, but for <see cref="Prepare"/> and <see cref="Approve"/> of one run; what a hook throws ends the loop and is the caller's.</summary>
/// <remarks><see cref="Prepare"/>, <see cref="Approve"/> and <see cref="Repair"/> run on the thread pool, as functions do: one that does not heed its token is left behind when the loop is cancelled or disposed.</remarks>
public sealed record ToolLoopOptions
{
    /// <summary>The defaults.</summary>
    public static ToolLoopOptions Default { get; } = new();

    /// <summary>How many times the model is asked at most; 16. A model that calls functions still in the last turn ends the loop with <see cref="LlmErrorKind.TooManyTurns"/>.</summary>
    public int MaxTurns { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "There is at least one turn."); } = 16;

    /// <summary>How many calls of one turn run at once; 8. With 1 they run one after the other, in the model's order.</summary>
    public int ParallelCalls { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "There is at least one call at a time."); } = 8;

    /// <summary>How long one call may run; 5 minutes. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <remarks>Then its token is cancelled and the model is told; a function that heeds no token runs on, and what it gives is dropped.</remarks>
    public TimeSpan CallTimeout { get; init => field = (value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue) || value == Timeout.InfiniteTimeSpan ? value : throw new ArgumentOutOfRangeException(nameof(value), "A time must be above zero and at most 24 days, or infinite."); } = TimeSpan.FromMinutes(5);

    /// <summary>The most characters that the model is told of one failure; 2,000.</summary>
    public int ErrorCharacters { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "An error has at least one character."); } = 2000;

    /// <summary>Asked before each turn for the request to send in place of the one that it is given, with the turn's number, from 1; null sends each as it is.</summary>
    /// <remarks>
    /// What it gives is what the next turn goes on from: a conversation that was shortened once stays so, and the service's prompt cache goes on fitting. <see cref="ToolRun.Messages"/>
    /// holds all the same what was said. Of <see cref="ChatRequest.Tools"/> it may leave some out, or all; those that are left are the ones that run. It is asked once more in a turn whose
    /// request held a result that the wire cannot carry.
    /// </remarks>
    public Func<ChatRequest, int, CancellationToken, ValueTask<ChatRequest>>? Prepare { get; init; }

    /// <summary>Asked before a call runs, in the model's order and one at a time, for all calls of a turn before the first one runs; null lets all run but those of tools that need approval (<see cref="Tool.NeedsApproval"/>), which wait.</summary>
    /// <remarks>
    /// It is asked about every call and decides alone: what it allows runs, also of a tool that needs approval; <see cref="ToolSet.NeedsApproval"/> tells which these are.
    /// A call whose arguments <see cref="Repair"/> changed is asked for again, with the arguments that would run. Where nobody can say yet, <see cref="ToolApproval.Defer"/>
    /// ends the run, and it is asked again where the conversation goes on.
    /// </remarks>
    public Func<ToolCall, CancellationToken, ValueTask<ToolApproval>>? Approve { get; init; }

    /// <summary>Asked for other arguments where a call's are not JSON or the function refused them; null, or null as its answer, tells the model what is wrong.</summary>
    /// <remarks>
    /// Asked once for each call, and never for an answer that was cut off. A call that was not whole JSON goes back to the model as it was repaired,
    /// since services refuse it as it was; <see cref="ToolRun.Replies"/> and <see cref="ToolInvocation.Call"/> keep what the model said.
    /// </remarks>
    public Func<ToolCall, ToolArgumentException, CancellationToken, ValueTask<string?>>? Repair { get; init; }

    /// <summary>What the model is told of an exception of a function; null, or null as its answer, tells only that the function failed.</summary>
    /// <remarks>Messages of exceptions may hold addresses, paths and secrets: pass on only what the model may see.</remarks>
    public Func<ToolCall, Exception, string?>? DescribeFailure { get; init; }

    /// <summary>What all runs of the loop may spend, with the calls of others that share the budget; null for no bound. docs/budgets.md tells what is counted.</summary>
    public Budget? Budget { get; init; }

    /// <summary>What one run may spend, all its turns together; null for no bound.</summary>
    public BudgetLimits? CallBudget { get; init; }

    /// <summary>The clock of <see cref="CallTimeout"/> and <see cref="ToolInvocation.Elapsed"/>.</summary>
    public TimeProvider Time { get; init => field = value ?? throw new ArgumentNullException(nameof(value)); } = TimeProvider.System;
}
