using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>A call that also asks the next client if the first one is late: the one that begins to answer first is used.</summary>
/// <param name="ask">Asks a client; completes once it has begun to answer.</param>
/// <param name="drop">Ends an answer that is not used.</param>
/// <param name="delay">How long to wait for a client of which nothing else is known.</param>
/// <param name="limiter">Limits how many calls ask two clients.</param>
/// <param name="times">How long clients took; null if that is not recorded.</param>
/// <param name="time">The clock.</param>
/// <param name="cancellationToken">The token passed to each client.</param>
internal sealed class Hedge<T>(
    Func<FallbackCall, ChatRequest, CancellationToken, Task<T>> ask,
    Func<T, ValueTask> drop,
    TimeSpan delay,
    HedgeLimiter limiter,
    HedgeTimes? times,
    TimeProvider time,
    CancellationToken cancellationToken
)
{
    private static bool IsStream => typeof(T) == typeof(ChatStream);

    /// <summary>Asks until a client answers, or no client is left.</summary>
    public async Task<T> RunAsync(FallbackCall call)
    {
        limiter.Call();
        while (true)
        {
            var first = Begin(call, isAlone: true);
            if (
                await IsLateAsync(first).ConfigureAwait(false)
                && call.MayAskInParallel
                && MayHedge(call)
                && call.BeginParallel() is { } second
            )
                return await RaceAsync(first, second).ConfigureAwait(false);
            try
            {
                return await EndAsync(first).ConfigureAwait(false);
            }
            catch (Exception e) when (call.IsFailure(e))
            {
                call.MoveOn(e, IsStream);
            }
        }
    }

    private bool MayHedge(FallbackCall call)
    {
        bool isAllowed = limiter.TryHedge();
        if (TelemetrySwitch.IsSupported)
            call.Telemetry?.Hedged(isAllowed);
        return isAllowed;
    }

    private async Task<T> RaceAsync(Runner first, FallbackCall call)
    {
        Runner second;
        try
        {
            second = Begin(call, isAlone: false);
        }
        catch
        {
            // Exceptions from RequestFor go to the caller.
            AbandonLoser(first);
            throw;
        }
        await Task.WhenAny(first.Answer, second.Answer).ConfigureAwait(false);
        if (first.Answer.IsCompletedSuccessfully || second.Answer.IsCompletedSuccessfully)
        {
            var (winner, loser) = first.Answer.IsCompletedSuccessfully ? (first, second) : (second, first);
            // It took at least as long: without it, a slow client would look fast.
            RecordTime(loser);
            RecordTime(winner);
            if (loser.Answer.Exception?.InnerException is not { } failure)
                AbandonLoser(loser);
            // It is listed with its error. The second one has moved on by itself, and has recorded it.
            else if (loser == first && first.Call.IsFailure(failure))
                first.Call.Fail(failure);
            // After Lose, so that the loser does not take the free place for another attempt.
            winner.Call.EndParallel();
            return await EndAsync(winner).ConfigureAwait(false);
        }
        var (ended, left) = first.Answer.IsCompleted ? (first, second) : (second, first);
        try
        {
            await EndAsync(ended).ConfigureAwait(false);
        }
        // The second one has moved on by itself as far as it could.
        catch (Exception e)
            when (ended == second ? e is LlmException : ended.Call.IsFailure(e) && !ended.Call.IsEndedBy(ended.Call.Fail(e)))
        {
            ended.Call.EndParallel();
        }
        catch (Exception e)
        {
            AbandonLoser(left);
            if (e is LlmException)
                throw first.Call.Failure!;
            throw;
        }
        try
        {
            return await EndAsync(left).ConfigureAwait(false);
        }
        catch (Exception e) when (left == second ? e is LlmException : left.Call.IsFailure(e))
        {
            if (left == first)
                left.Call.Fail(e);
            throw first.Call.Failure!;
        }
    }

    private Runner Begin(FallbackCall call, bool isAlone)
    {
        var asked = call.PrepareRequest();
        var stop = new CancellationTokenSource();
        call.Stop = stop.Token;
        long start = time.GetTimestamp();
        var client = call.Client;
        int failed = times is null ? 0 : call.Attempts.Count;
        return new Runner(
            call,
            client,
            asked.Model ?? client.Model,
            failed,
            isAlone ? ask(call, asked, cancellationToken) : call.AskInTurnAsync(asked, ask, IsStream, cancellationToken),
            stop,
            start
        );
    }

    private async Task<bool> IsLateAsync(Runner runner)
    {
        using var done = new CancellationTokenSource();
        await Task.WhenAny(runner.Answer, Task.Delay(times?.Delay(runner.Client, runner.Model, IsStream) ?? delay, time, done.Token))
            .ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        if (runner.Answer.IsCompletedSuccessfully)
            RecordTime(runner);
        return !runner.Answer.IsCompleted;
    }

    // A request that was sent more than once says nothing about the service alone.
    private void RecordTime(Runner runner)
    {
        if (
            times is not null
            && runner.Call.Client == runner.Client
            && runner.Call.Attempts.Count == runner.Failed
            && !runner.Answer.IsFaulted
        )
        {
            times.Add(runner.Client, runner.Model, IsStream, time.GetElapsedTime(runner.Start));
        }
    }

    // From here on it runs alone, or not at all.
    private static async Task<T> EndAsync(Runner runner)
    {
        try
        {
            return await runner.Answer.ConfigureAwait(false);
        }
        finally
        {
            runner.Call.Stop = default;
        }
    }

    private void AbandonLoser(Runner loser)
    {
        // In this order: from here on it sends nothing that would not be listed.
        loser.Stop.CancelQuietly();
        loser.Call.RecordLoss(loser.Start);
        _ = DropAsync(loser.Answer);
    }

    private async Task DropAsync(Task<T> answer)
    {
        try
        {
            await drop(await answer.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The outcome of an answer that is not used does not matter.
        }
    }

    private sealed record Runner(
        FallbackCall Call,
        LlmClient Client,
        string Model,
        int Failed,
        Task<T> Answer,
        CancellationTokenSource Stop,
        long Start
    );
}
