using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>The activity of one call of a chain. Each client that is asked has its own activity below it. Ends once.</summary>
internal sealed class ChainTelemetry
{
    private int _isEnded;

    private ChainTelemetry(Activity activity) => Activity = activity;

    /// <summary>The parent of the clients' activities.</summary>
    public Activity Activity { get; }

    /// <summary>Begins the activity of a call; null if nothing listens.</summary>
    /// <param name="clients">How many clients the chain has.</param>
    public static ChainTelemetry? Begin(int clients) =>
        // Not an operation of the conventions: only the clients' own activities are, and are counted as such.
        DetachedActivity.MayBeWanted
        && DetachedActivity.TryStart("fallback", ActivityKind.Internal, parent: null, new TagList { { Tags.Clients, clients } })
            is { } activity
            ? new(activity)
            : null;

    /// <summary>Ends the activity when the task fails or, if <paramref name="endsHere"/> is set, completes.</summary>
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

    /// <summary>
    /// Records that a client was late. The next client was asked as well, or was not because too many recent calls were hedged.
    /// </summary>
    public void Hedged(bool isAllowed) => Activity.SetTag(Tags.Hedge, isAllowed ? "asked" : "refused");

    /// <summary>Ends the activity.</summary>
    public void Ended(string outcome, string? errorType)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
            DetachedActivity.End(Activity, outcome, errorType);
    }
}
