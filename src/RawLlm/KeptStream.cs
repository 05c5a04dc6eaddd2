using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A stream whose events are kept for the whole answer while they are handed on.</summary>
internal sealed class KeptStream(ChatStream stream)
{
    private readonly ReplyBuilder _reply = new();

    public ChatStream Stream => stream;

    /// <summary>True once there is something of an answer.</summary>
    public bool HasContent => _reply.HasContent;

    /// <summary>Keeps the event that the stream stands on.</summary>
    public void Keep()
    {
        _reply.Add(stream.Current);
        stream.ThrowIfDisposed();
    }

    /// <summary>The answer as far as it was kept.</summary>
    public ChatReply Build() => stream.Describe(_reply.Build());
}
