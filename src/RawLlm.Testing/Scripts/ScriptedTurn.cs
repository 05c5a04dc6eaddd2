namespace RawLlm.Testing;

/// <summary>What one request is answered with: an answer, a refusal, or a response that is given as it is.</summary>
internal sealed record ScriptedTurn(IReadOnlyList<Fault> Faults)
{
    private const int MostWords = 60;

    /// <summary>Which request it is for; any when null.</summary>
    public Func<ScriptedRequest, bool>? When { get; init; }

    /// <summary>What it is where it is neither answer nor refusal, as in "a list of models".</summary>
    public string? Title { get; init; }

    public ScriptedAnswer? Answer { get; init; }

    /// <summary>Writes a body that is no answer of a model: vectors or a list of models.</summary>
    public Func<ScriptedRequest, byte[]>? Document { get; init; }

    public LlmErrorKind? Refusal { get; init; }

    public string? Message { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The status of the refusal; the usual one of the wire when null.</summary>
    public int? Status { get; init; }

    public Func<HttpResponseMessage>? Raw { get; init; }

    /// <summary>What it answers, in a few words, for who looks for it in a test.</summary>
    public string Describe()
    {
        string what = Title ?? (Refusal is { } kind ? $"a refusal ({kind})" : Describe(Answer!));
        return When is null ? what : what + " on a condition";
    }

    private static string Describe(ScriptedAnswer answer)
    {
        string text = string.Concat(answer.Parts.Where(static part => part is TextPart or RefusalPart).Select(ScriptedAnswer.Say));
        string calls = string.Join(" and ", answer.Parts.OfType<ToolCallPart>().Select(static part => part.Call.Name));
        string said = text.Length <= MostWords ? $"\"{text}\"" : $"\"{text[..MostWords]}…\"";
        return calls.Length == 0 ? said : text.Length == 0 ? $"a call of {calls}" : $"{said} with a call of {calls}";
    }

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
