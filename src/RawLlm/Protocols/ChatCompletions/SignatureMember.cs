namespace RawLlm.Protocols;

/// <summary>Where a message of chat completions has the signature of its thoughts, and where it goes back to.</summary>
internal enum SignatureMember
{
    /// <summary><c>extra_content.google.thought_signature</c>: Gemini's compatible endpoint (2025).</summary>
    Google,

    /// <summary><c>thought_signature</c>: Venice (2026).</summary>
    Thought,

    /// <summary><c>reasoning_signature</c>: orq.ai (2026).</summary>
    Reasoning,
}
