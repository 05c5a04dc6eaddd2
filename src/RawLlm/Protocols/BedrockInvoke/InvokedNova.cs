using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Amazon's Nova: the events of the Converse wire, each in an object under the event's name.</summary>
/// <remarks>Source: docs.aws.amazon.com/nova/latest/userguide, "Complete request schema" and "Using the Invoke API".</remarks>
internal sealed class InvokedNova : InvokedModel
{
    private readonly ConverseDecoder _converse = new();

    public override Usage? Usage => _converse.Usage;

    public override bool IsStopped => _converse.IsStopped;

    public override bool Decode(ReadOnlySpan<byte> data, in InvocationReport report, EventBuffer events)
    {
        _converse.AddReport(report);
        if (data.IsEmpty)
            return true;
        ReadOnlySpan<byte> type = default;
        ReadOnlySpan<byte> value = default;
        var reader = WireJson.Reader(data, events.Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (!ConverseDecoder.IsEvent(name))
            {
                WireJson.SkipValue(ref reader);
                continue;
            }
            reader.Read();
            type = name;
            value = WireJson.SkipRaw(ref reader, data);
        }
        // The reader throws if anything follows the object.
        reader.Read();
        if (!type.IsEmpty)
            return _converse.Decode(new Frame(value, value) { Type = type }, events);
        if (ErrorReader.IsError(data))
            throw ErrorReader.ReadInBody(data, inStream: true, Usage, limits: events.Options.Limits);
        events.Note(QuirkKind.UnknownEvent, "event");
        return true;
    }

    public override void Complete(bool isCut, EventBuffer events) => _converse.Complete(isCut, events);

    public override void Abort(EventBuffer events) => _converse.Abort(events);

    public override void ReadReply(ReadOnlySpan<byte> body, in InvocationReport report, EventBuffer events)
    {
        _converse.AddReport(report);
        _converse.ReadReply(body, events);
    }

    public override void Dispose() => _converse.Dispose();
}
