namespace RawLlm.Protocols;

/// <summary>How reasoning goes back to a chat completions service with the messages that it belongs to.</summary>
/// <param name="Name">The member; null if reasoning does not go back.</param>
/// <param name="Missing">The placeholder for a message that never had reasoning; null if it needs none.</param>
/// <param name="WithCallsOnly">Whether this applies only to messages with tool calls.</param>
internal readonly record struct ReturnedReasoning(string? Name, string? Missing, bool WithCallsOnly)
{
    /// <summary>Returns what a service and a model require.</summary>
    public static ReturnedReasoning Of(ChatCompletionsProtocol dialect, string? model)
    {
        string? missing = ModelPatterns.Find(dialect.ReasoningByModel, model) switch
        {
            "space" => " ",
            "empty" => "",
            _ => null,
        };
        if (dialect.ReasoningName is { } name)
            return new(name, dialect.MissingReasoning ?? missing, dialect.ReturnsReasoningWithCallsOnly);
        return missing is null ? default : new("reasoning_content", missing, WithCallsOnly: true);
    }
}
