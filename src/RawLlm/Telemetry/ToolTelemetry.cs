using System.Diagnostics;

namespace RawLlm.Telemetry;

/// <summary>The activity of a loop with functions, or of one function that it runs: neither arguments nor results are told. Ends once.</summary>
internal sealed class ToolTelemetry
{
    private readonly Activity _activity;
    private int _isEnded;

    private ToolTelemetry(Activity activity) => _activity = activity;

    /// <summary>Begins a loop; null when nobody wants it.</summary>
    /// <param name="client">Whom it asks; null for a chain, of which nobody knows yet who answers.</param>
    /// <param name="request">What it asks at first.</param>
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

    /// <summary>Begins a function; null when nobody wants it.</summary>
    /// <param name="loop">The loop that runs it; the current activity is its parent when null.</param>
    /// <param name="name">The function's name.</param>
    public static ToolTelemetry? BeginFunction(ToolTelemetry? loop, string name)
    {
        if (!DetachedActivity.MayBeWanted)
            return null;
        // Not the call's id: it is the service's own text, which may hold anything, and here is no client that knows the key.
        var tags = new TagList { { Tags.Operation, "execute_tool" }, { Tags.ToolName, name }, { Tags.ToolType, "function" } };
        return Of(DetachedActivity.TryStart($"execute_tool {name}", ActivityKind.Internal, loop?._activity, tags));
    }

    /// <summary>Makes it the current activity of the method that asks, and of all that it calls.</summary>
    public void Enter() => Activity.Current = _activity;

    /// <summary>Ends it.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="errorType">What went wrong; null where nothing did.</param>
    public void End(string outcome, string? errorType = null)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
            DetachedActivity.End(_activity, outcome, errorType);
    }

    /// <summary>Ends it with an exception.</summary>
    public void Fail(Exception e) => End(Outcome.Of(e), Outcome.ErrorType(e));

    private static ToolTelemetry? Of(Activity? activity) => activity is null ? null : new(activity);
}
