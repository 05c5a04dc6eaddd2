namespace RawLlm.Protocols;

/// <summary>
/// The member in which a chat completions message carries the signature of its reasoning, and in which the signature goes back.
/// </summary>
internal enum SignatureMember
{
    /// <summary><c>extra_content.google.thought_signature</c>: Gemini's compatible endpoint (2025).</summary>
    Google,

    /// <summary><c>thought_signature</c>: Venice (2026).</summary>
    Thought,

    /// <summary><c>reasoning_signature</c>: orq.ai (2026).</summary>
    Reasoning,
}
