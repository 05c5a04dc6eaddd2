using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>The activity of a tool loop, or of a tool that it runs. Neither arguments nor results are reported. Ends once.</summary>
internal sealed class ToolTelemetry
{
    private readonly Activity _activity;
    private int _isEnded;

    private ToolTelemetry(Activity activity) => _activity = activity;

    /// <summary>Begins the activity of a loop; null if nothing listens.</summary>
    /// <param name="client">The client that the loop asks; null for a chain, because it is not yet known which client answers.</param>
    /// <param name="request">The first request.</param>
    public static ToolTelemetry? BeginLoop(LlmClient? client, ChatRequest request)
    {
        if (!DetachedActivity.MayBeWanted)
            return null;
        var tags = new TagList { { Tags.Operation, "invoke_agent" } };
        if (client is not null)
        {
            tags.Add(Tags.Provider, ProviderNames.Of(client.Provider));
            tags.Add(Tags.RequestModel, request.Model ?? client.Model);
        }
        return Of(DetachedActivity.TryStart("invoke_agent", ActivityKind.Internal, parent: null, tags));
    }

    /// <summary>Begins the activity of a tool call; null if nothing listens.</summary>
    /// <param name="loop">The loop that runs the tool; null for the current activity as parent.</param>
    /// <param name="name">The tool's name.</param>
    public static ToolTelemetry? BeginTool(ToolTelemetry? loop, string name)
    {
        if (!DetachedActivity.MayBeWanted)
            return null;
        // Not the call's ID: it is the service's own text, which can contain anything, and no client that knows the key is at hand here.
        var tags = new TagList
        {
            { Tags.Operation, "execute_tool" },
            { Tags.ToolName, name },
            { Tags.ToolType, "function" },
        };
        return Of(DetachedActivity.TryStart($"execute_tool {name}", ActivityKind.Internal, loop?._activity, tags));
    }

    /// <summary>Makes the activity current in the calling method and everything that it calls.</summary>
    public void Enter() => Activity.Current = _activity;

    /// <summary>Ends the activity.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="errorType">The error; null if there was none.</param>
    public void End(string outcome, string? errorType = null)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
            DetachedActivity.End(_activity, outcome, errorType);
    }

    /// <summary>Ends the activity with an exception.</summary>
    public void Fail(Exception e) => End(Outcome.Of(e), Outcome.ErrorType(e));

    private static ToolTelemetry? Of(Activity? activity) => activity is null ? null : new(activity);
}
