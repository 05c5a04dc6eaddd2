namespace RawLlm.Testing;

/// <summary>The response to one request: an answer, a refusal, or a response that is sent as it is.</summary>
internal sealed record ScriptedTurn(IReadOnlyList<Fault> Faults)
{
    private const int MaxWords = 60;

    /// <summary>The condition that a request must meet; null for any request.</summary>
    public Func<ScriptedRequest, bool>? When { get; init; }

    /// <summary>A short description such as "a list of models", if it is neither an answer nor a refusal; otherwise null.</summary>
    public string? Title { get; init; }

    public ScriptedAnswer? Answer { get; init; }

    /// <summary>Writes a body that is not a model's answer: embeddings or a list of models.</summary>
    public Func<ScriptedRequest, byte[]>? Document { get; init; }

    public LlmErrorKind? Refusal { get; init; }

    public string? Message { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The status of the refusal; null for the wire's usual one.</summary>
    public int? Status { get; init; }

    public Func<HttpResponseMessage>? Raw { get; init; }

    /// <summary>Describes the response in a few words, so that it can be found in a test.</summary>
    public string Describe()
    {
        string what = Title ?? (Refusal is { } kind ? $"a refusal ({kind})" : Describe(Answer!));
        return When is null ? what : what + " on a condition";
    }

    private static string Describe(ScriptedAnswer answer)
    {
        string text = string.Concat(answer.Parts.Where(static part => part is TextPart or RefusalPart).Select(ScriptedAnswer.TextOf));
        string calls = string.Join(" and ", answer.Parts.OfType<ToolCallPart>().Select(static part => part.Call.Name));
        string excerpt = text.Length <= MaxWords ? $"\"{text}\"" : $"\"{text[..MaxWords]}…\"";
        return calls.Length == 0 ? excerpt
            : text.Length == 0 ? $"a call to {calls}"
            : $"{excerpt} with a call to {calls}";
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
