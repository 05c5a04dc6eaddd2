namespace RawLlm.Telemetry;

/// <summary>The facts of an answer that telemetry reports; nothing of what the model said.</summary>
internal readonly struct AnswerFacts
{
    public AnswerFacts() { }

    public string? Id { get; init; }

    public string? Model { get; init; }

    public IReadOnlyList<string> FinishReasons { get; init; } = [];

    public Usage? Usage { get; init; }

    public Cost? Cost { get; init; }

    public string? RequestId { get; init; }

    public IReadOnlyList<Quirk> Quirks { get; init; } = [];

    /// <summary>Returns the facts of a whole answer.</summary>
    public static AnswerFacts Of(ChatReply reply)
    {
        var reasons = new List<string>(reply.Choices.Count);
        foreach (var choice in reply.Choices)
            reasons.Add(choice.RawStopReason ?? choice.StopReason.ToString());
        return new()
        {
            Id = reply.Id,
            Model = reply.Model,
            FinishReasons = reasons,
            Usage = reply.Usage,
            Cost = reply.Cost,
            RequestId = reply.RequestId,
            Quirks = reply.Quirks,
        };
    }

    /// <summary>Returns the facts of embeddings.</summary>
    public static AnswerFacts Of(Embeddings embeddings) =>
        new()
        {
            Model = embeddings.Model,
            Usage = embeddings.Usage,
            Cost = embeddings.Cost,
            RequestId = embeddings.RequestId,
            Quirks = embeddings.Quirks,
        };

    /// <summary>Returns what an error knows about an answer.</summary>
    public static AnswerFacts Of(Exception e) =>
        e is LlmException known ? new() { Usage = known.Usage, RequestId = known.RequestId } : new();
}
