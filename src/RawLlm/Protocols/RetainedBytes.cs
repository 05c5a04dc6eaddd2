namespace RawLlm.Protocols;

/// <summary>Counts how much of an answer is kept to be returned later. It has the same limit as a whole answer.</summary>
internal struct RetainedBytes
{
    private long _length;

    /// <summary>Whether this number of bytes may be added.</summary>
    public readonly bool CanAdd(int bytes, EventBuffer events) => (long)_length + bytes <= events.Options.Limits.ReplyBytes;

    /// <exception cref="LlmException">More is kept than <see cref="LlmLimits.ReplyBytes"/> allows.</exception>
    public void Add(int bytes, EventBuffer events)
    {
        _length += bytes;
        if (_length > events.Options.Limits.ReplyBytes)
        {
            throw AnswerErrors.LimitExceeded(
                LlmLimit.ReplyBytes,
                "The answer's citations, log probabilities and data to send back are together longer than LlmLimits.ReplyBytes allows."
            );
        }
    }

    /// <summary>Adds a citation, which the reader of the answer keeps.</summary>
    /// <inheritdoc cref="Add" path="/exception"/>
    public void AddCitation(int bytes, EventBuffer events)
    {
        Add(bytes, events);
        events.CountCitation();
    }
}
