namespace RawLlm.Protocols;

/// <summary>What a message of <c>/api/chat</c> holds beside its text.</summary>
internal struct OllamaContents
{
    /// <summary>Thoughts.</summary>
    public bool HasThoughts { get; set; }

    /// <summary>Pictures.</summary>
    public bool HasPictures { get; set; }

    /// <summary>Calls of functions.</summary>
    public bool HasCalls { get; set; }
}
