using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>The activity of one call of a chain, under which each client that is asked has its own. Ends once.</summary>
internal sealed class ChainTelemetry
{
    private int _isEnded;

    private ChainTelemetry(Activity activity) => Activity = activity;

    /// <summary>The parent of the clients' own.</summary>
    public Activity Activity { get; }

    /// <summary>Begins one; null when nobody wants it.</summary>
    /// <param name="clients">How many clients the chain has.</param>
    public static ChainTelemetry? Begin(int clients) =>
        // No operation of the conventions: the clients' own activities are, and are counted as such.
        DetachedActivity.MayBeWanted && DetachedActivity.TryStart("fallback", ActivityKind.Internal, parent: null, new TagList { { Tags.Clients, clients } }) is { } activity ? new(activity) : null;

    /// <summary>Ends it when the task has.</summary>
    public async Task<T> FollowAsync<T>(Task<T> task, bool endsHere)
    {
        T result;
        try
        {
            result = await task.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Ended(Outcome.Of(e), Outcome.ErrorType(e));
            throw;
        }
        if (endsHere)
            Ended(Outcome.Done, errorType: null);
        return result;
    }

    /// <summary>A client was late: the next one is asked as well, or would be if not too many calls had been of late.</summary>
    public void Hedged(bool isAllowed) => Activity.SetTag(Tags.Hedge, isAllowed ? "asked" : "refused");

    /// <summary>Ends it.</summary>
    public void Ended(string outcome, string? errorType)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
            DetachedActivity.End(Activity, outcome, errorType);
    }
}
