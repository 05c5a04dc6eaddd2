namespace RawLlm.Protocols;

/// <summary>What a message of <c>/api/chat</c> contains beside its text.</summary>
internal struct OllamaContents
{
    /// <summary>Whether there is reasoning.</summary>
    public bool HasThoughts { get; set; }

    /// <summary>Whether there are images.</summary>
    public bool HasImages { get; set; }

    /// <summary>Whether there are tool calls.</summary>
    public bool HasCalls { get; set; }
}
