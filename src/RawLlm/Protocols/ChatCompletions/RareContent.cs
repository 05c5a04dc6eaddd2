namespace RawLlm.Protocols;

/// <summary>What few choices have: apart from the others, so that a stream that waits holds no room for it.</summary>
internal sealed class RareContent : IDisposable
{
    /// <summary>Parts thoughts from the text, where they stand between tags.</summary>
    public ThoughtTags? Tags { get; init; }

    /// <summary>The sources.</summary>
    public ChoiceCitations? Citations;

    /// <summary>The pictures and the sound.</summary>
    public AnswerMedia? Media;

    /// <summary>The last whole message that came among the deltas, before their end.</summary>
    public PooledBytes Message;

    public void Dispose()
    {
        Tags?.Dispose();
        Message.Return();
        Media?.Dispose();
    }
}
