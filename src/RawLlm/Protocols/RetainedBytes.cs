namespace RawLlm.Protocols;

/// <summary>How much of an answer is kept to be given later: bounded like a whole answer.</summary>
internal struct RetainedBytes
{
    private long _length;

    /// <summary>Whether so many bytes may be added.</summary>
    public readonly bool CanAdd(int bytes, EventBuffer events) => (long)_length + bytes <= events.Options.Limits.ReplyBytes;

    /// <exception cref="LlmException">More is kept than <see cref="LlmLimits.ReplyBytes"/> allows.</exception>
    public void Add(int bytes, EventBuffer events)
    {
        _length += bytes;
        if (_length > events.Options.Limits.ReplyBytes)
            throw AnswerErrors.TooMuch(LlmLimit.ReplyBytes, "What the answer wants sent back, cites, or tells of its tokens is longer than LlmLimits.ReplyBytes allows.");
    }

    /// <summary>Adds a citation, which whoever reads the answer keeps.</summary>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void AddCitation(int bytes, EventBuffer events)
    {
        Add(bytes, events);
        events.CountCitation();
    }
}
