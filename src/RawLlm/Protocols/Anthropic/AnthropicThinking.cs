namespace RawLlm.Protocols;

/// <summary>How a service on the Messages wire is asked to think.</summary>
public enum AnthropicThinking
{
    /// <summary>
    /// As the request specifies: a budget as <c>"thinking": {"type": "enabled", "budget_tokens": …}</c>, an effort as
    /// <c>"thinking": {"type": "adaptive"}</c> with <c>"output_config": {"effort": …}</c>. If its name identifies the model as a Claude
    /// before 4.6, it always receives a budget, and since 4.7 always an effort: these models reject the other form.
    /// </summary>
    AsRequested,

    /// <summary>Always a budget: an effort is converted to a number of tokens.</summary>
    Budget,

    /// <summary>Always an effort: a budget is converted to one.</summary>
    Effort,

    /// <summary>Thinking cannot be requested; <see cref="ChatRequest.Thinking"/> is left out with a quirk.</summary>
    None,
}
