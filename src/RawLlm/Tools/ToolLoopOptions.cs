namespace RawLlm;

/// <summary>The limits and hooks of a <see cref="ToolLoop"/>. Hooks may be called concurrently, except that one run calls
/// <see cref="Prepare"/>, <see cref="Approve"/> and <see cref="StopWhen"/> one at a time. An exception from a hook ends the loop and goes
/// to the caller unchanged.</summary>
/// <remarks><see cref="Prepare"/>, <see cref="Approve"/>, <see cref="Repair"/> and <see cref="StopWhen"/> run on the thread pool, like
/// tools. A hook that ignores its token is abandoned when the loop is canceled or disposed.</remarks>
public sealed record ToolLoopOptions
{
    /// <summary>The defaults.</summary>
    public static ToolLoopOptions Default { get; } = new();

    /// <summary>The maximum number of times that the loop asks the model. The default is 16. If the model still calls tools in the last
    /// turn, the loop ends with <see cref="LlmErrorKind.TooManyTurns"/>.</summary>
    public int MaxTurns
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "MaxTurns must be at least 1.");
    } = 16;

    /// <summary>
    /// How many calls of one turn run at once. The default is 8. With 1, they run one after the other, in the model's order.
    /// </summary>
    public int MaxParallelCalls
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "MaxParallelCalls must be at least 1.");
    } = 8;

    /// <summary>The maximum number of calls that one run starts, all turns together. The default is null: no limit.</summary>
    /// <remarks>The model learns that a further call was not run, and goes on with what it has. Calls that are denied, wait or name an
    /// unknown tool do not count.</remarks>
    public int? MaxCalls
    {
        get;
        init => field = value is not < 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "MaxCalls must not be negative.");
    }

    /// <summary>How long one call may run, unless its tool has a <see cref="Tool.Timeout"/> of its own. The default is 5 minutes.
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <remarks>When the time is up, the call's token is canceled and the model learns of the timeout. A tool that ignores its token keeps
    /// running, and its result is discarded.</remarks>
    public TimeSpan CallTimeout
    {
        get;
        init => field = Tool.CheckTimeout(value, nameof(CallTimeout));
    } = TimeSpan.FromMinutes(5);

    /// <summary>The maximum length, in characters (UTF-16 code units), of a result's text that the model receives. The default is null: no
    /// limit.</summary>
    /// <remarks>
    /// Of a longer text, the model receives the beginning and a note that says how long the text was, and that its JSON is incomplete if it
    /// is the beginning of JSON; the note is not counted. <see cref="ToolInvocation.UncutLength"/> tells the program. Images and files are
    /// neither counted nor cut. Errors that a tool returns (<see cref="ToolOutput.Error"/>) are results too.
    /// </remarks>
    public int? MaxResultLength
    {
        get;
        init =>
            field = value is not <= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "MaxResultLength must be at least 1.");
    }

    /// <summary>The maximum length, in characters, of what the model receives about a call that failed without a result of its own (an
    /// exception, arguments that do not fit, a denial). The default is 2,000. A note that says what was cut is not counted.</summary>
    public int MaxErrorLength
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "MaxErrorLength must be at least 1.");
    } = 2000;

    /// <summary>Called before each turn with the request and the turn's number, from 1; returns the request to send instead. Null sends
    /// each request unchanged.</summary>
    /// <remarks>
    /// The next turn continues from the returned request: a conversation that was shortened stays shortened, and the service's prompt cache
    /// still matches. <see cref="ToolRun.Messages"/> still holds everything that was said. The hook may remove some or all of
    /// <see cref="ChatRequest.Tools"/>; only the remaining tools run. It is called a second time in a turn if the request contained a
    /// result that the wire cannot carry.
    /// </remarks>
    public Func<ChatRequest, int, CancellationToken, ValueTask<ChatRequest>>? Prepare { get; init; }

    /// <summary>Called after the calls of a turn have ended, with the run so far; true ends the run without asking the model again. Null
    /// never does.</summary>
    /// <remarks>
    /// For a tool that takes the final answer, hands over to a human or to another loop, or whose result needs no words of the model. Every
    /// call has its result, so the conversation can be continued; <see cref="ToolRun.Reply"/> is the answer with the calls. Not called if
    /// calls wait for a decision, which ends the run anyway. Called after calls that the conversation already contained, too: the run then
    /// has no <see cref="ToolRun.Reply"/>, and its <see cref="ToolRun.Turns"/> is 0. With the hook, the calls of the last turn
    /// (<see cref="MaxTurns"/>) run too.
    /// </remarks>
    public Func<ToolRun, CancellationToken, ValueTask<bool>>? StopWhen { get; init; }

    /// <summary>Called for each call of a turn before the first one runs, in the model's order and one at a time. Null lets all calls run,
    /// except those of tools that need approval (<see cref="Tool.NeedsApproval"/>), which wait.</summary>
    /// <remarks>
    /// The hook decides about every call: if it allows a call, the call runs even if its tool needs approval.
    /// <see cref="ToolSet.NeedsApproval"/> says which calls need it. If <see cref="Repair"/> changed a call's arguments, the hook is called
    /// again with the arguments that would run. If the decision is still open, return <see cref="ToolApproval.Defer"/>: the run ends, and
    /// when the conversation continues, the hook is called again, unless <see cref="Decisions"/> has the answer. Never decide by a call's
    /// ID alone: models and servers choose it, and may repeat it in every turn for a call with other arguments.
    /// </remarks>
    public Func<ToolCall, CancellationToken, ValueTask<ToolApproval>>? Approve { get; init; }

    /// <summary>What was decided about calls that waited (<see cref="ToolRun.Pending"/>); null if nothing was.</summary>
    /// <remarks>
    /// Takes precedence over <see cref="Approve"/> for calls that the conversation already contained, and for those of
    /// <see cref="ToolSet.InvokeAsync"/>. All other calls are decided as without it: a call that the model makes in a turn of the run is a
    /// new one, even if it is identical.
    /// </remarks>
    public ToolDecisions? Decisions { get; init; }

    /// <summary>Called if a call's arguments are not JSON or the tool rejected them; returns the corrected arguments. If the hook or its
    /// result is null, the model learns what is wrong.</summary>
    /// <remarks>
    /// Called once per call, and never for an answer that was cut off. If a call's arguments were not complete JSON, the model gets the
    /// call back with the repaired arguments, because services reject the original. <see cref="ToolRun.Replies"/> and
    /// <see cref="ToolInvocation.Call"/> keep what the model wrote.
    /// </remarks>
    public Func<ToolCall, ToolArgumentException, CancellationToken, ValueTask<string?>>? Repair { get; init; }

    /// <summary>Returns the text that the model receives when a tool throws an exception. If the hook or its result is null, the model
    /// learns only that the tool failed.</summary>
    /// <remarks>Exception messages can contain URLs, paths and secrets: pass on only what the model may see.</remarks>
    public Func<ToolCall, Exception, string?>? DescribeFailure { get; init; }

    /// <summary>What all runs of the loop may spend, together with everything else that shares the budget; null for no limit.
    /// docs/budgets.md describes what counts.</summary>
    public Budget? Budget { get; init; }

    /// <summary>What one run may spend, all of its turns together; null for no limit.</summary>
    public BudgetLimits? CallBudget { get; init; }

    /// <summary>The clock for <see cref="CallTimeout"/> and <see cref="ToolInvocation.Elapsed"/>.</summary>
    public TimeProvider Time
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = TimeProvider.System;
}
