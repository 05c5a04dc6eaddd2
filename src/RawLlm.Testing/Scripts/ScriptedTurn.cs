namespace RawLlm.Testing;

/// <summary>What one request is answered with: an answer, a refusal, or a response that is given as it is.</summary>
internal sealed record ScriptedTurn(IReadOnlyList<Fault> Faults)
{
    /// <summary>Which request it is for; any when null.</summary>
    public Func<ScriptedRequest, bool>? When { get; init; }

    public ScriptedAnswer? Answer { get; init; }

    /// <summary>Writes a body that is no answer of a model: vectors or a list of models.</summary>
    public Func<ScriptedRequest, byte[]>? Document { get; init; }

    public LlmErrorKind? Refusal { get; init; }

    public string? Message { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The status of the refusal; the usual one of the wire when null.</summary>
    public int? Status { get; init; }

    public Func<HttpResponseMessage>? Raw { get; init; }

    public Fault? Find(FaultKind kind)
    {
        foreach (var fault in Faults)
        {
            if (fault.Kind == kind)
                return fault;
        }
        return null;
    }
}
