using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>Starts and stops activities without a trace in <see cref="Activity.Current"/>, which is the caller's.</summary>
/// <remarks>
/// The platform makes an activity the current one when it starts, and its parent when it stops, wherever that is: a stream may be opened, read and
/// left in three different places. To set the caller's again by hand would not do: the platform refuses one that has stopped meanwhile.
/// </remarks>
internal static class DetachedActivity
{
    /// <summary>Whether anybody may want one: asked first, so that a call of which nobody wants to know makes no name and no tags.</summary>
    public static bool MayBeWanted => TelemetrySource.Activities.HasListeners();

    /// <summary>Starts an activity; null when nobody wants it, or where a listener throws, which is nothing of the call's.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="parent">Its parent; the current one when null.</param>
    /// <param name="tags">What a sampler is to know.</param>
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

    /// <summary>Says how it ended, and stops it; what a listener throws is nothing of the call's.</summary>
    /// <param name="activity">The activity.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="errorType">What went wrong; null where nothing did. There is no description: a message may quote what was asked.</param>
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
            // As above.
        }
    }

    private static void Run(ContextCallback action, object state)
    {
        if (ExecutionContext.Capture() is { } context)
        {
            ExecutionContext.Run(context, action, state);
            return;
        }
        // The caller lets nothing flow.
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
