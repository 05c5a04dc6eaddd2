using System.Globalization;
using System.Threading.Channels;

namespace RawLlm;

/// <summary>Runs the calls of one answer.</summary>
internal sealed class ToolTurn(ToolLoopOptions options, ToolSet tools, int turn, IReadOnlyList<ToolCall> calls)
{
    private readonly ToolInvocation?[] _ended = new ToolInvocation?[calls.Count];
    private readonly SemaphoreSlim _approving = new(1);
    private ChannelWriter<ToolNote>? _notes;

    /// <summary>What became of the calls that have ended, in the model's order.</summary>
    public IEnumerable<ToolInvocation> Ended => _ended.OfType<ToolInvocation>();

    /// <summary>The results for the model, once all calls have ended.</summary>
    public Message Results() => Message.ToolResults(Array.ConvertAll(_ended, invocation => invocation!.Result));

    /// <summary>The same where calls may still run.</summary>
    public Message Interrupted()
    {
        var results = new ToolResultPart[calls.Count];
        for (int i = 0; i < results.Length; i++)
            results[i] = Volatile.Read(ref _ended[i])?.Result ?? Failure(calls[i], "The call was interrupted; it may have run in part.");
        return Message.ToolResults(results);
    }

    /// <summary>The model's message as it goes back: a call that was not whole JSON, and was repaired, is the one that was run.</summary>
    public Message AsRun(Message said)
    {
        Part[]? parts = null;
        for (int i = 0; i < said.Parts.Count; i++)
        {
            if (said.Parts[i] is not ToolCallPart { Call: { IsComplete: false } call } part || Repaired(call) is not { } arguments)
                continue;
            parts ??= [.. said.Parts];
            parts[i] = part with { Call = call with { Arguments = arguments, IsComplete = true } };
        }
        return parts is null ? said : said with { Parts = parts };
    }

    private string? Repaired(ToolCall call)
    {
        for (int i = 0; i < _ended.Length; i++)
        {
            if (ReferenceEquals(calls[i], call))
                return Volatile.Read(ref _ended[i])?.RepairedArguments;
        }
        return null;
    }

    /// <summary>Runs what may be run, and knows of every call what became of it.</summary>
    /// <param name="notes">Where to tell it; null where nobody listens.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task RunAsync(ChannelWriter<ToolNote>? notes, CancellationToken cancellationToken)
    {
        _notes = notes;
        try
        {
            var ready = new List<Pending>(calls.Count);
            for (int i = 0; i < calls.Count; i++)
            {
                if (await PrepareAsync(i, cancellationToken).ConfigureAwait(false) is { } pending)
                    ready.Add(pending);
            }
            await Parallel.ForEachAsync(ready, new ParallelOptions { MaxDegreeOfParallelism = options.ParallelCalls, CancellationToken = cancellationToken }, InvokeAsync).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    // Everything that can be said before a function runs, in the model's order.
    private async ValueTask<Pending?> PrepareAsync(int index, CancellationToken cancellationToken)
    {
        var call = calls[index];
        if (!tools.TryGet(call.Name, out var tool))
        {
            End(index, call, Failure(call, $"There is no function \"{call.Name}\". There are: {string.Join(", ", tools.Select(known => known.Name))}."));
            return null;
        }
        string? repaired = null;
        if (!call.IsComplete)
        {
            var flaw = new ToolArgumentException("The arguments are not whole JSON.");
            repaired = await RepairAsync(call, flaw, cancellationToken).ConfigureAwait(false);
            if (repaired is null)
            {
                End(index, call, Failure(call, flaw.Message), error: flaw);
                return null;
            }
        }
        var pending = new Pending(index, tool, repaired is null ? call : call with { Arguments = repaired, IsComplete = true }, repaired);
        if (await DenyAsync(pending.Call, cancellationToken).ConfigureAwait(false) is not { } denial)
            return pending;
        End(index, pending.Call, denial, repaired);
        return null;
    }

    private async ValueTask InvokeAsync(Pending pending, CancellationToken cancellationToken)
    {
        var (index, tool, call, repaired) = pending;
        _notes?.TryWrite(new ToolNote(ToolEventKind.CallStarted, call, null));
        long start = options.Time.GetTimestamp();
        ToolResultPart result;
        Exception? error;
        while (true)
        {
            (result, error) = await TryAsync(tool, call, cancellationToken).ConfigureAwait(false);
            if (error is not ToolArgumentException flaw || repaired is not null)
                break;
            repaired = await RepairAsync(call, flaw, cancellationToken).ConfigureAwait(false);
            if (repaired is null)
                break;
            call = call with { Arguments = repaired };
            // What was allowed was the call as it stood before.
            if (await DenyAsync(call, cancellationToken).ConfigureAwait(false) is not { } denial)
                continue;
            result = denial;
            break;
        }
        End(index, call, result, repaired, error, options.Time.GetElapsedTime(start), hasRun: true);
    }

    // Throws for nothing but the loop's own end.
    private async Task<(ToolResultPart Result, Exception? Error)> TryAsync(Tool tool, ToolCall call, CancellationToken cancellationToken)
    {
        // Neither a delay of its own nor linked: what the function has registered with its token may throw, on the clock's thread or on that of whoever cancels.
        using var stop = new CancellationTokenSource();
        using var caller = cancellationToken.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).CancelQuietly(), stop);
        using var late = options.CallTimeout == Timeout.InfiniteTimeSpan ? null : options.Time.CreateTimer(static stop => ((CancellationTokenSource)stop!).CancelQuietly(), stop, options.CallTimeout, Timeout.InfiniteTimeSpan);
        var token = stop.Token;
        // On the pool: a function that blocks holds up neither the other calls nor its limit of time.
        var run = Task.Run(() => tool.RunAsync(call, token).AsTask(), CancellationToken.None);
        try
        {
            var output = await run.WaitAsync(token).ConfigureAwait(false);
            return (new ToolResultPart(call.Id, output?.Content ?? [new TextPart("")]) { Name = call.Name, IsError = output?.IsError == true }, null);
        }
        catch (OperationCanceledException e) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            string told = $"The function took longer than {options.CallTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s and was stopped.";
            return (Failure(call, told), new TimeoutException(told, e));
        }
        catch (ToolArgumentException e)
        {
            return (Failure(call, e.Message), e);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (Failure(call, options.DescribeFailure?.Invoke(call, e) ?? "The function failed."), e);
        }
        finally
        {
            LeaveBehind(run);
        }
    }

    // On the pool, as functions are: a hook that blocks or heeds no token is left behind where the loop ends.
    private static async Task<T> AskAsync<T>(Func<Task<T>> hook, CancellationToken cancellationToken)
    {
        var asked = Task.Run(hook, CancellationToken.None);
        try
        {
            return await asked.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            LeaveBehind(asked);
        }
    }

    // What it says later is nobody's error.
    private static void LeaveBehind(Task run)
    {
        if (!run.IsCompletedSuccessfully)
            _ = run.ContinueWith(static left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    // Null where there is nothing better, or only something that is no JSON object either.
    private async ValueTask<string?> RepairAsync(ToolCall call, ToolArgumentException flaw, CancellationToken cancellationToken)
    {
        string? given = options.Repair is { } repair ? await AskAsync(() => repair(call, flaw, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false) : null;
        return given is null || ToolArguments.Read(given).Quirk is { Kind: QuirkKind.ToolArgumentsUnreadable } ? null : given;
    }

    // Null where the call may run.
    private async ValueTask<ToolResultPart?> DenyAsync(ToolCall call, CancellationToken cancellationToken)
    {
        if (options.Approve is not { } approve)
            return null;
        await _approving.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var answer = await AskAsync(() => approve(call, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
            return answer is { IsAllowed: true } ? null : Failure(call, answer?.Reason ?? "The call was not allowed.");
        }
        finally
        {
            _approving.Release();
        }
    }

    private ToolResultPart Failure(ToolCall call, string text) => Failed(call.Id, call.Name, text, options.ErrorCharacters);

    /// <summary>A result that tells the model of a failure, in so many characters at most.</summary>
    public static ToolResultPart Failed(string callId, string? name, string text, int most) => new(callId, TextCut.Of(text, most)) { Name = name, IsError = true };

    private void End(int index, ToolCall asRun, ToolResultPart result, string? repaired = null, Exception? error = null, TimeSpan elapsed = default, bool hasRun = false)
    {
        var invocation = new ToolInvocation(turn, calls[index], result) { RepairedArguments = repaired, Error = error, Elapsed = elapsed, HasRun = hasRun };
        Volatile.Write(ref _ended[index], invocation);
        _notes?.TryWrite(new ToolNote(result.IsError ? ToolEventKind.CallFailed : ToolEventKind.CallEnded, asRun, invocation));
    }

    private readonly record struct Pending(int Index, Tool Tool, ToolCall Call, string? Repaired);
}
