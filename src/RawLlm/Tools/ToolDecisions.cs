using System.Diagnostics.CodeAnalysis;

namespace RawLlm;

/// <summary>
/// Decisions about calls that wait (<see cref="ToolRun.Pending"/>). Each decision is for one call and is used once. Thread-safe.
/// </summary>
/// <remarks>
/// A decision applies to a call with the same ID, name and arguments, because an ID alone identifies nothing: models and servers choose it,
/// and may repeat it in every turn. It applies only to calls that the conversation already contained when the run began; the same call,
/// made again, is a new one that waits for a decision of its own. Use an object for one conversation only.
/// </remarks>
public sealed class ToolDecisions
{
    private readonly Lock _lock = new();
    private readonly List<(ToolCall Call, ToolApproval Approval)> _decisions = [];

    /// <summary>How many decisions have not been used. If any are left after a run, the conversation did not contain their calls.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _decisions.Count;
        }
    }

    /// <summary>Adds a decision.</summary>
    /// <param name="call">The call as it was shown to the person who decides, with its arguments.</param>
    /// <param name="approval">The decision; <see cref="ToolApproval.Defer"/> leaves the call waiting.</param>
    public void Add(ToolCall call, ToolApproval approval)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(approval);
        lock (_lock)
            _decisions.Add((call, approval));
    }

    /// <summary>Uses up the first decision about a call; false if there is none.</summary>
    internal bool TryTake(ToolCall call, [NotNullWhen(true)] out ToolApproval? approval)
    {
        lock (_lock)
        {
            for (int i = 0; i < _decisions.Count; i++)
            {
                if (_decisions[i].Call != call)
                    continue;
                approval = _decisions[i].Approval;
                _decisions.RemoveAt(i);
                return true;
            }
        }
        approval = null;
        return false;
    }
}
