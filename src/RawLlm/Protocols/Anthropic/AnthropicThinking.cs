namespace RawLlm.Protocols;

/// <summary>How a service that speaks the Messages wire is asked to think.</summary>
public enum AnthropicThinking
{
    /// <summary>
    /// What the request asks for: a budget as <c>"thinking": {"type": "enabled", "budget_tokens": …}</c>, an effort as
    /// <c>"thinking": {"type": "adaptive"}</c> with <c>"output_config": {"effort": …}</c>. A model whose name says that it is a Claude
    /// before 4.6 is given a budget, and one since 4.7 an effort, whatever was asked for: they refuse the other form.
    /// </summary>
    AsAsked,

    /// <summary>Always a budget: an effort is turned into a number of tokens.</summary>
    Budget,

    /// <summary>Always an effort: a budget is turned into one.</summary>
    Effort,

    /// <summary>It cannot be asked; <see cref="ChatRequest.Thinking"/> is left out with a quirk.</summary>
    None,
}
