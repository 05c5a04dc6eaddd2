namespace RawLlm.Protocols;

/// <summary>How a model on the Converse wire is asked to think. The wire itself says nothing of it: each family of models has a form of its own.</summary>
public enum ConverseThinking
{
    /// <summary>
    /// Anthropic's: what the request asks for, a budget as <c>"thinking": {"type": "enabled", "budget_tokens": …}</c>, an effort as
    /// <c>"thinking": {"type": "adaptive"}</c> with <c>"output_config": {"effort": …}</c>. Models since Claude Opus 4.7 (2026) take
    /// only an effort, models before Claude Opus 4.6 only a budget.
    /// </summary>
    ThinkingObject,

    /// <summary>Anthropic's older form: always a budget, an effort is turned into a number of tokens.</summary>
    ThinkingBudget,

    /// <summary>Amazon's: <c>"reasoningConfig": {"type": "enabled", "maxReasoningEffort": …}</c> (Nova 2, 2025).</summary>
    ReasoningConfig,

    /// <summary>OpenAI's: <c>"reasoning_effort": …</c> (gpt-oss, 2025).</summary>
    ReasoningEffort,

    /// <summary>It cannot be asked; <see cref="ChatRequest.Thinking"/> is left out with a quirk.</summary>
    None,
}
