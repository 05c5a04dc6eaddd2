using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A call whose request was refused, the changes made to its dialect since, and which of them have proved right.</summary>
internal sealed class RefusedCall(RefusalLearning learning, string model) : IRefusedCall
{
    private const int MaxAdaptions = 4;

    private readonly List<DialectChange> _changes = [];
    private RequestRefusal? _refusal;
    private int _adaptions;
    private int _sent;

    public void Read(ReadOnlySpan<byte> body) => _refusal = RequestRefusal.Read(body);

    public WireProtocol? Adapt(LlmException failure, ChatRequest request, WireRequest refused)
    {
        var refusal = _refusal ?? RequestRefusal.Of(failure.Message);
        _refusal = null;
        if (_adaptions >= MaxAdaptions)
            return null;
        var found = new List<DialectChange>();
        // Another call may have learned in the meantime what the body of this one still contains.
        learning.Configured.FindChanges(refusal, new SentRequest(refused.Body.Span, request with { Model = model }), found);
        if (found.Count == 0)
            return null;
        foreach (var change in _changes)
        {
            // The service still refuses what was changed.
            if (found.Exists(other => other.Setting == change.Setting))
                return null;
        }
        // It refuses something else now.
        Succeeded();
        _adaptions++;
        _sent = _changes.Count;
        _changes.AddRange(found);
        var dialect = learning.DialectOf(model);
        foreach (var change in _changes)
            dialect = change.Apply(dialect);
        return dialect;
    }

    public void Drop()
    {
        _refusal = null;
        _changes.RemoveRange(_sent, _changes.Count - _sent);
    }

    public void Note(WireRequest adapted)
    {
        _sent = _changes.Count;
        foreach (var change in _changes)
            adapted.Note(QuirkKind.MemberRefused, change.Place);
    }

    public void Succeeded()
    {
        if (_changes.Count > 0)
            learning.Learn(model, _changes);
    }
}
