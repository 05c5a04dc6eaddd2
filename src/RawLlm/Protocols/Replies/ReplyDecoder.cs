using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Returns the events of a whole answer that arrived instead of the requested stream.</summary>
internal sealed class ReplyDecoder(WireProtocol protocol, DecoderOptions options) : EventDecoder
{
    public override bool Decode(in Frame frame, EventBuffer events)
    {
        if (ContentTypeCheck.Check(status: null, mediaType: null, frame.Data) is { } page)
            throw page;
        // The stream has already returned Connected, and the wire's own reader returns it again.
        using var reply = new EventBuffer(options);
        protocol.ReadReply(frame.Data, reply);
        events.Note(QuirkKind.StreamDowngraded, "Content-Type");
        foreach (var quirk in reply.Quirks)
            events.Record(quirk);
        while (reply.MoveNext())
        {
            if (reply.Current.Kind != StreamEventKind.Connected)
                events.Add(reply.Current);
        }
        return false;
    }

    public override void Complete(bool isCut, EventBuffer events) =>
        throw new LlmException(LlmErrorKind.MalformedResponse, "The body is empty.") { IsRetryable = true, Phase = LlmPhase.Streaming };
}
