namespace RawLlm.Protocols;

/// <summary>How a chat completions service is given the beginning of an answer to continue.</summary>
public enum PrefillStyle
{
    /// <summary>
    /// The service cannot continue an answer, or is not known to: it would answer a last message of the model like any other.
    /// </summary>
    None,

    /// <summary>The service continues a last message of the model without further settings (llama.cpp).</summary>
    LastMessage,

    /// <summary>The same, but only for Claude before 4.6. For a router to many models, of which the others answer the message.</summary>
    LastMessageForClaude,

    /// <summary>The last message has <c>"prefix": true</c> (Mistral, DeepSeek's beta).</summary>
    PrefixMember,

    /// <summary>The request has <c>"continue_final_message": true</c> and <c>"add_generation_prompt": false</c> (vLLM, SGLang).</summary>
    ContinueFinalMessage,
}
