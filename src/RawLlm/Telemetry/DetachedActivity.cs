using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>Starts and stops activities without changing <see cref="Activity.Current"/>, which belongs to the caller.</summary>
/// <remarks>
/// .NET makes an activity current when it starts, and makes its parent current when it stops, wherever that happens. A stream can be
/// opened, read and disposed in three different places. Restoring the caller's activity by hand would not work: .NET rejects one that has
/// stopped in the meantime.
/// </remarks>
internal static class DetachedActivity
{
    /// <summary>Whether anything listens. Checked first, so that a call that nothing observes creates no name and no tags.</summary>
    public static bool MayBeWanted => TelemetrySource.Activities.HasListeners();

    /// <summary>Starts an activity; null if nothing listens, or if a listener throws, which must not affect the call.</summary>
    /// <param name="name">The activity's name.</param>
    /// <param name="kind">The activity's kind.</param>
    /// <param name="parent">The parent; null for the current activity.</param>
    /// <param name="tags">The tags that a sampler sees.</param>
    public static Activity? TryStart(string name, ActivityKind kind, Activity? parent, in TagList tags)
    {
        var start = new Starting(name, kind, parent, tags);
        try
        {
            Run(static state => ((Starting)state!).Start(), start);
        }
        catch (Exception)
        {
            return null;
        }
        return start.Activity;
    }

    /// <summary>Sets the outcome and stops the activity. A listener's exception is ignored, because it must not affect the call.</summary>
    /// <param name="activity">The activity.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="errorType">The error; null if there was none. It has no description, because a message can quote the prompt.</param>
    public static void End(Activity activity, string outcome, string? errorType)
    {
        activity.SetTag(Tags.Outcome, outcome);
        if (errorType is not null)
            activity.SetTag(Tags.ErrorType, errorType).SetStatus(ActivityStatusCode.Error);
        try
        {
            Run(static state => ((Activity)state!).Stop(), activity);
        }
        catch (Exception)
        {
            // Thrown by a listener.
        }
    }

    private static void Run(ContextCallback action, object state)
    {
        if (ExecutionContext.Capture() is { } context)
        {
            ExecutionContext.Run(context, action, state);
            return;
        }
        // The caller suppresses the flow of the execution context.
        var current = Activity.Current;
        action(state);
        Activity.Current = current;
    }

    private sealed class Starting(string name, ActivityKind kind, Activity? parent, TagList tags)
    {
        public Activity? Activity { get; private set; }

        public void Start()
        {
            if (parent is not null)
                Activity.Current = parent;
            Activity = TelemetrySource.Activities.StartActivity(name, kind, default(ActivityContext), tags);
        }
    }
}
