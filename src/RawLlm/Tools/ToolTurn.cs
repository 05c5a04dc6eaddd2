using System.Globalization;
using System.Threading.Channels;
using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>Runs the calls of one answer.</summary>
/// <param name="options">The loop's limits and hooks.</param>
/// <param name="tools">The tools that the request offers.</param>
/// <param name="turn">The turn of the calls; 0 for calls that the conversation already contained. An incomplete one of these may have been
/// cut off.</param>
/// <param name="calls">The calls.</param>
/// <param name="started">How many calls the run has started before.</param>
internal sealed class ToolTurn(ToolLoopOptions options, ToolSet tools, int turn, IReadOnlyList<ToolCall> calls, int started)
{
    private readonly ToolInvocation?[] _ended = new ToolInvocation?[calls.Count];
    private readonly ToolCall?[] _deferred = new ToolCall?[calls.Count];
    private readonly bool[] _begun = new bool[calls.Count];
    private readonly SemaphoreSlim _approvalLock = new(1);
    private ChannelWriter<ToolCallUpdate>? _updates;

    /// <summary>The outcomes of the calls that have ended, in the model's order.</summary>
    public IEnumerable<ToolInvocation> Ended => _ended.OfType<ToolInvocation>();

    /// <summary>The turn of the calls; 0 for calls that the conversation already contained.</summary>
    public int Number => turn;

    /// <summary>The telemetry of the run; usually null, because nothing listens.</summary>
    public ToolTelemetry? Telemetry
    {
        get => TelemetrySwitch.IsSupported ? field : null;
        init;
    }

    /// <summary>The calls that wait for a decision, as they would run, in the model's order.</summary>
    public IReadOnlyList<ToolCall> Deferred => [.. _deferred.OfType<ToolCall>()];

    /// <summary>Returns the results for the model, once all calls have ended or wait; null if all wait.</summary>
    public Message? Results()
    {
        ToolResultPart[] results = [.. Ended.Select(static invocation => invocation.Result)];
        return results.Length == 0 ? null : Message.ToolResults(results);
    }

    /// <summary>Returns a snapshot of the turn; calls that end later do not show in it.</summary>
    public ToolTurn Seen()
    {
        var seen = new ToolTurn(options, tools, turn, calls, started);
        for (int i = 0; i < calls.Count; i++)
        {
            seen._ended[i] = Volatile.Read(ref _ended[i]);
            seen._deferred[i] = Volatile.Read(ref _deferred[i]);
            seen._begun[i] = Volatile.Read(ref _begun[i]);
        }
        return seen;
    }

    /// <summary>Returns the results while calls may still be running. Call it on a snapshot (<see cref="Seen"/>).</summary>
    public Message Interrupted()
    {
        var results = new ToolResultPart[calls.Count];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] =
                Volatile.Read(ref _ended[i])?.Result
                ?? Failure(
                    calls[i],
                    Volatile.Read(ref _begun[i])
                        ? "The call was interrupted; it may have run in part."
                        : "The call was not run, because the run was interrupted first."
                );
        }
        return Message.ToolResults(results);
    }

    /// <summary>Returns the model's message as it goes back to the model: a call with incomplete JSON that was repaired, or a call that
    /// waits, appears as it was or would be run.</summary>
    public Message AsRun(Message message)
    {
        Part[]? parts = null;
        for (int i = 0; i < message.Parts.Count; i++)
        {
            if (message.Parts[i] is not ToolCallPart { Call: { } call } part || AsRun(call) is not { } run)
                continue;
            parts ??= [.. message.Parts];
            parts[i] = part with { Call = run };
        }
        return parts is null ? message : message with { Parts = parts };
    }

    // Null if the model's own call stays.
    private ToolCall? AsRun(ToolCall call)
    {
        for (int i = 0; i < _ended.Length; i++)
        {
            if (!ReferenceEquals(calls[i], call))
                continue;
            if (Volatile.Read(ref _deferred[i]) is { } deferred)
                return ReferenceEquals(deferred, call) ? null : deferred;
            return !call.IsComplete && Volatile.Read(ref _ended[i])?.RepairedArguments is { } arguments
                ? call with
                {
                    Arguments = arguments,
                    IsComplete = true,
                }
                : null;
        }
        return null;
    }

    /// <summary>Runs the calls that may run, and records the outcome of each call.</summary>
    /// <param name="notes">Receives the progress of the calls; null if nothing reads it.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    public async Task RunAsync(ChannelWriter<ToolCallUpdate>? notes, CancellationToken cancellationToken)
    {
        _updates = notes;
        try
        {
            var ready = new List<Pending>(calls.Count);
            for (int i = 0; i < calls.Count; i++)
            {
                if (await PrepareAsync(i, started + ready.Count, cancellationToken).ConfigureAwait(false) is { } pending)
                    ready.Add(pending);
            }
            await Parallel
                .ForEachAsync(
                    ready,
                    new ParallelOptions { MaxDegreeOfParallelism = options.MaxParallelCalls, CancellationToken = cancellationToken },
                    InvokeAsync
                )
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    // Everything that can be decided before a tool runs, in the model's order.
    private async ValueTask<Pending?> PrepareAsync(int index, int before, CancellationToken cancellationToken)
    {
        var call = calls[index];
        if (!tools.TryGet(call.Name, out var tool))
        {
            End(
                index,
                call,
                Failure(call, $"There is no tool \"{call.Name}\". Available tools: {string.Join(", ", tools.Select(known => known.Name))}.")
            );
            return null;
        }
        if (before >= options.MaxCalls)
        {
            End(index, call, Failure(call, "The call was not run, because no more calls are allowed. Answer with what you have."));
            return null;
        }
        string? repaired = null;
        if (!call.IsComplete)
        {
            var flaw = new ToolArgumentException("The arguments are not complete JSON.");
            repaired = turn == 0 ? null : await RepairAsync(call, flaw, cancellationToken).ConfigureAwait(false);
            if (repaired is null)
            {
                End(index, call, Failure(call, flaw.Message), error: flaw);
                return null;
            }
        }
        var pending = new Pending(index, tool, repaired is null ? call : call with { Arguments = repaired, IsComplete = true }, repaired);
        var approval = await ApproveAsync(tool, pending.Call, cancellationToken).ConfigureAwait(false);
        if (approval.IsAllowed)
            return pending;
        if (approval.IsDeferred)
            Defer(index, pending.Call);
        else
            End(index, pending.Call, Denial(pending.Call, approval), repaired);
        return null;
    }

    private async ValueTask InvokeAsync(Pending pending, CancellationToken cancellationToken)
    {
        var (index, tool, call, repaired) = pending;
        _updates?.TryWrite(new ToolCallUpdate(ToolEventKind.CallStarted, call, null));
        Volatile.Write(ref _begun[index], true);
        long start = options.Time.GetTimestamp();
        ToolResultPart result;
        Exception? error;
        long? whole;
        while (true)
        {
            (result, error, whole) = await TryAsync(tool, call, cancellationToken).ConfigureAwait(false);
            if (error is not ToolArgumentException flaw || repaired is not null)
                break;
            repaired = await RepairAsync(call, flaw, cancellationToken).ConfigureAwait(false);
            if (repaired is null)
                break;
            call = call with { Arguments = repaired };
            // The approval was for the original arguments.
            var approval = await ApproveAsync(tool, call, cancellationToken).ConfigureAwait(false);
            if (approval.IsAllowed)
                continue;
            if (approval.IsDeferred)
            {
                Defer(index, call);
                return;
            }
            result = Denial(call, approval);
            break;
        }
        End(index, call, result, repaired, error, options.Time.GetElapsedTime(start), hasRun: true, whole);
    }

    // Throws only if the loop itself ends.
    private async Task<(ToolResultPart Result, Exception? Error, long? Whole)> TryAsync(
        Tool tool,
        ToolCall call,
        CancellationToken cancellationToken
    )
    {
        // Neither CancelAfter nor a linked source: callbacks that the tool registered with its token may throw, on the timer's thread or on
        // the thread that cancels.
        var timeout = tool.Timeout ?? options.CallTimeout;
        using var stop = new CancellationTokenSource();
        using var caller = cancellationToken.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).CancelQuietly(), stop);
        using var late =
            timeout == Timeout.InfiniteTimeSpan
                ? null
                : options.Time.CreateTimer(
                    static stop => ((CancellationTokenSource)stop!).CancelQuietly(),
                    stop,
                    timeout,
                    Timeout.InfiniteTimeSpan
                );
        var token = stop.Token;
        // On the pool: a tool that blocks delays neither the other calls nor its own timeout.
        var telemetry = TelemetrySwitch.IsSupported ? ToolTelemetry.BeginTool(Telemetry, call.Name) : null;
        var run = Task.Run(
            () =>
            {
                if (TelemetrySwitch.IsSupported)
                    telemetry?.Enter();
                return tool.RunAsync(call, token).AsTask();
            },
            CancellationToken.None
        );
        try
        {
            var output = await run.WaitAsync(token).ConfigureAwait(false);
            if (TelemetrySwitch.IsSupported)
                telemetry?.End(output is { IsError: true } ? Outcome.Failed : Outcome.Done, output is { IsError: true } ? "_OTHER" : null);
            var content = output?.Content ?? [new TextPart("")];
            long? whole = null;
            if (options.MaxResultLength is { } most)
                content = ToolResultCut.Of(content, most, out whole);
            return (new ToolResultPart(call.Id, content) { Name = call.Name, IsError = output?.IsError == true }, null, whole);
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            string message =
                $"The tool took longer than {timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s and was stopped.";
            if (TelemetrySwitch.IsSupported)
                telemetry?.End(Outcome.Failed, "System.TimeoutException");
            return (Failure(call, message), new TimeoutException(message, e), null);
        }
        catch (ToolArgumentException e)
        {
            if (TelemetrySwitch.IsSupported)
                telemetry?.Fail(e);
            return (Failure(call, e.Message), e, null);
        }
        catch (Exception e)
        {
            if (TelemetrySwitch.IsSupported)
                telemetry?.Fail(e);
            cancellationToken.ThrowIfCancellationRequested();
            return (Failure(call, options.DescribeFailure?.Invoke(call, e) ?? "The tool failed."), e, null);
        }
        finally
        {
            ToolHook.Abandon(run);
        }
    }

    // Null if there is no repair, or if the repair is not a JSON object either.
    private async ValueTask<string?> RepairAsync(ToolCall call, ToolArgumentException flaw, CancellationToken cancellationToken)
    {
        string? given = options.Repair is { } repair
            ? await ToolHook.AskAsync(() => repair(call, flaw, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false)
            : null;
        return given is null || ToolArguments.Read(given).Quirk is { Kind: QuirkKind.ToolArgumentsUnreadable } ? null : given;
    }

    private async ValueTask<ToolApproval> ApproveAsync(Tool tool, ToolCall call, CancellationToken cancellationToken)
    {
        // Decisions apply only to calls that the conversation already contained: a later turn may repeat a call, and even its ID.
        if (turn == 0 && options.Decisions?.TryTake(call, out var decided) == true)
            return decided;
        if (options.Approve is not { } approve)
            return tool.NeedsApproval ? ToolApproval.Defer : ToolApproval.Allow;
        await _approvalLock.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ToolHook.AskAsync(() => approve(call, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false)
                ?? ToolApproval.Deny();
        }
        finally
        {
            _approvalLock.Release();
        }
    }

    private ToolResultPart Denial(ToolCall call, ToolApproval approval) => Failure(call, approval.Reason ?? "The call was not allowed.");

    private ToolResultPart Failure(ToolCall call, string text) => Failed(call.Id, call.Name, text, options.MaxErrorLength);

    /// <summary>Creates a result that tells the model of a failure; beyond a maximum number of characters, it says that it was
    /// cut.</summary>
    public static ToolResultPart Failed(string callId, string? name, string text, int maxLength) =>
        new(callId, ToolResultCut.Of(text, maxLength)) { Name = name, IsError = true };

    private void Defer(int index, ToolCall call)
    {
        Volatile.Write(ref _deferred[index], call);
        _updates?.TryWrite(new ToolCallUpdate(ToolEventKind.CallDeferred, call, null));
    }

    private void End(
        int index,
        ToolCall asRun,
        ToolResultPart result,
        string? repaired = null,
        Exception? error = null,
        TimeSpan elapsed = default,
        bool hasRun = false,
        long? whole = null
    )
    {
        var invocation = new ToolInvocation(turn, calls[index], result)
        {
            RepairedArguments = repaired,
            Error = error,
            Elapsed = elapsed,
            HasRun = hasRun,
            UncutLength = whole,
        };
        Volatile.Write(ref _ended[index], invocation);
        _updates?.TryWrite(new ToolCallUpdate(result.IsError ? ToolEventKind.CallFailed : ToolEventKind.CallEnded, asRun, invocation));
    }

    private readonly record struct Pending(int Index, Tool Tool, ToolCall Call, string? Repaired);
}
