namespace RawLlm.Protocols;

/// <summary>Content that few choices have, in an object of its own so that waiting streams reserve no room for it.</summary>
internal sealed class RareContent : IDisposable
{
    /// <summary>Separates reasoning from the text, if tags surround it.</summary>
    public ReasoningTags? Tags { get; init; }

    /// <summary>The citations.</summary>
    public ChoiceCitations? Citations;

    /// <summary>The images and the audio.</summary>
    public AnswerMedia? Media;

    /// <summary>The last whole message that came among the deltas, before their end.</summary>
    public PooledBytes Message;

    /// <summary>The stop sequence that ended the choice.</summary>
    public string? StopSequence;

    public void Dispose()
    {
        Tags?.Dispose();
        Message.Return();
        Media?.Dispose();
    }
}
