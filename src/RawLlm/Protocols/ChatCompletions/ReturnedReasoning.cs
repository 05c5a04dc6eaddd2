namespace RawLlm.Protocols;

/// <summary>How thoughts go back to a service of chat completions with the messages that they belong to.</summary>
/// <param name="Name">The member; null where they do not go back.</param>
/// <param name="Missing">What a message has in place of thoughts that it never had; null where it needs nothing.</param>
/// <param name="WithCallsOnly">Whether it is so with messages that call functions alone.</param>
internal readonly record struct ReturnedReasoning(string? Name, string? Missing, bool WithCallsOnly)
{
    /// <summary>How it is with a service and a model.</summary>
    public static ReturnedReasoning Of(ChatCompletionsProtocol dialect, string? model)
    {
        string? missing = ModelWords.Find(dialect.ReasoningByModel, model) switch
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
