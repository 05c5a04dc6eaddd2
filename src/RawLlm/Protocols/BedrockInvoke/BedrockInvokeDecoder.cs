using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes the frames of InvokeModelWithResponseStream, each of which carries one event of the Messages wire as base64.</summary>
internal sealed class BedrockInvokeDecoder : EventDecoder
{
    private readonly AnthropicDecoder _messages = new();
    private TextCompletionDecoder? _completion;
    private PooledBytes _event;
    private bool _isKnown;

    public override Usage? Usage => _completion is null ? _messages.Usage : _completion.Usage;

    internal override bool HoldsCalls => true;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        if (frame.Category.SequenceEqual("exception"u8) || frame.Category.SequenceEqual("error"u8))
            ThrowFailure(frame, events);
        if (!frame.Type.SequenceEqual("chunk"u8))
        {
            if (frame.Type.IsEmpty)
                events.Note(QuirkKind.UnknownEvent, ":event-type");
            return true;
        }
        _event.Clear();
        ReadBytes(frame.Data, events);
        if (!_isKnown)
        {
            // The first event tells which of the maker's two formats the model speaks.
            _isKnown = true;
            if (TextCompletionDecoder.IsPiece(_event.Span, out bool isForeign, events.Options))
                _completion = new();
            else if (isForeign)
                ThrowForeign(events);
        }
        return _completion is null ? _messages.Decode(_event.Span, default, events) : _completion.Decode(_event.Span, events);
    }

    public override void Complete(bool isCut, EventBuffer events) => _messages.Complete(isCut, events);

    public override void Dispose()
    {
        _messages.Dispose();
        _event.Return();
    }

    // {"bytes": "<base64>", "p": "<random padding>"}
    private void ReadBytes(ReadOnlySpan<byte> payload, EventBuffer events)
    {
        if (payload.IsEmpty)
            return;
        var reader = WireJson.Reader(payload, events.Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("$", reader.TokenType);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isBytes = WireJson.Name(ref reader).SequenceEqual("bytes"u8);
            reader.Read();
            if (isBytes && reader.TokenType == JsonTokenType.String)
                Append(JsonText.Read(ref reader));
            reader.Skip();
        }
        reader.Read();
    }

    private void Append(JsonText base64)
    {
        _event.Clear();
        char pending = '\0';
        var text = _event.Reserve(base64.MaxLength);
        int length = base64.CopyTo(text, ref pending, out _);
        if (Base64.DecodeFromUtf8InPlace(text[..length], out int written) != OperationStatus.Done)
            ThrowBytes();
        _event.Commit(written);
    }

    private void ThrowFailure(in Frame frame, EventBuffer events)
    {
        var said = frame.Data.IsEmpty ? frame.ErrorMessage : frame.Data;
        string? code = frame.Type.IsEmpty ? null : Encoding.UTF8.GetString(frame.Type);
        throw ErrorReader.ReadInBody(said, inStream: true, Usage, code, events.Options.Limits);
    }

    private void ThrowForeign(EventBuffer events) => throw (ErrorReader.IsError(_event.Span)
        ? ErrorReader.ReadInBody(_event.Span, inStream: true, Usage, limits: events.Options.Limits)
        : AnswerErrors.Malformed($"The events are not those of Anthropic's models. For models of other makers use {nameof(ConverseProtocol)}.", Usage));

    private static void ThrowBytes() =>
        throw new LlmException(LlmErrorKind.MalformedResponse, "'bytes' is not base64.") { Phase = LlmPhase.Streaming };
}
