namespace RawLlm.Protocols;

/// <summary>Anthropic's models: the events of the Messages wire.</summary>
internal sealed class InvokedMessages : InvokedModel
{
    private readonly AnthropicDecoder _messages = new();

    public override Usage? Usage => _messages.Usage;

    public override bool HasStopWord => _messages.IsStopped;

    public override bool Decode(ReadOnlySpan<byte> data, in InvocationReport report, EventBuffer events)
    {
        _messages.AddReport(report);
        return data.IsEmpty || _messages.Decode(data, default, events);
    }

    public override void Complete(bool isCut, EventBuffer events) => _messages.Complete(isCut, events);

    public override void Abort(EventBuffer events) => _messages.Abort(events);

    public override void ReadReply(ReadOnlySpan<byte> body, in InvocationReport report, EventBuffer events)
    {
        _messages.AddReport(report);
        _messages.ReadReply(body, events);
    }

    public override void Dispose() => _messages.Dispose();
}
