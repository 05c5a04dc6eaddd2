namespace RawLlm.Protocols;

/// <summary>How a service that speaks chat completions is given the beginning of an answer to go on from.</summary>
public enum PrefillStyle
{
    /// <summary>It cannot be, or that is not known: a last message of the model's would be answered like any other.</summary>
    None,

    /// <summary>A last message of the model's is gone on from without a word (llama.cpp).</summary>
    LastMessage,

    /// <summary>The same, but for Claude before 4.6 alone: a router to many models, of which the others answer it.</summary>
    LastMessageForClaude,

    /// <summary>The last message has <c>"prefix": true</c> (Mistral, DeepSeek's beta).</summary>
    PrefixMember,

    /// <summary>The request has <c>"continue_final_message": true</c> and <c>"add_generation_prompt": false</c> (vLLM, SGLang).</summary>
    ContinueFinalMessage,
}
