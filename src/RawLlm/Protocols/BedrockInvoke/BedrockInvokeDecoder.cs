using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>
/// Decodes the frames of InvokeModelWithResponseStream, each of which contains one event in the format of the model's vendor, as base64.
/// </summary>
internal sealed class BedrockInvokeDecoder : EventDecoder
{
    private InvokedModel? _model;
    private PooledBytes _event;

    // Predicts the events, because the frames around them, in base64 and padded, have nothing in common.
    private FramePredictor? _predictor;
    private long _predictedCount;

    // The reports that arrived before the first event that shows the format.
    private InvocationReport _early;

    public override Usage? Usage => _model?.Usage;

    internal override bool RetainsCallBytes => true;

    internal override bool PredictsItself => true;

    internal override long PredictedCount => _predictedCount;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        if (frame.Category.SequenceEqual("exception"u8) || frame.Category.SequenceEqual("error"u8))
            return DecodeFailure(frame, events);
        if (!frame.Type.SequenceEqual("chunk"u8))
        {
            if (frame.Type.IsEmpty)
                events.Note(QuirkKind.UnknownEvent, ":event-type");
            return true;
        }
        _event.Clear();
        ReadBytes(frame.Data, events);
        if (_event.Length == 0)
        {
            events.Note(QuirkKind.EmptyEvent, "data");
            return true;
        }
        var report = InvocationReport.Read(_event.Span, events);
        // The service's additions are not part of the model's wire, so they may differ in an event that matches a template.
        if (report.IsEmpty && TryPredict(events))
            return true;
        if (_model is null)
        {
            _early.Add(report);
            if (report.IsAlone)
                return true;
            report = _early;
            _model = InvokedModel.Of(_event.Span, events.Options) ?? throw InvokedModel.Foreign(_event.Span, inStream: true, events);
            if (events.Options.Prediction && _model.IsPredictable)
                _predictor = FramePredictor.Borrow();
            return _model.Decode(_event.Span, report, events);
        }
        return report.IsEmpty && _predictor is not null ? DecodeAndLearn(_predictor, report, events) : DecodeInFull(report, events);
    }

    internal override bool IsStopped => _model is { HasStopWord: true };

    public override void Complete(bool isCut, EventBuffer events)
    {
        if (_model is null)
            throw AnswerErrors.Truncated(isCut, "any event of an answer", usage: null);
        _model.Complete(isCut, events);
    }

    internal override void Abort(EventBuffer events) => _model?.Abort(events);

    public override void Dispose()
    {
        _predictor?.Return();
        _predictor = null;
        _model?.Dispose();
        _event.Return();
    }

    private bool TryPredict(EventBuffer events)
    {
        var data = _event.Span;
        if (
            _predictor is not { IsAwake: true } predictor
            || !predictor.TryMatch(data, out var template, out var match)
            || match.Length != data.Length
            || !template.CanAppendCopy(match, events)
        )
        {
            return false;
        }

        _predictedCount++;
        var piece = data.Slice(match.PieceStart, match.PieceLength);
        template.Target!.Add(JsonText.Of(piece, match.IsEscaped), events);
        template.AppendCopy(piece, events);
        return true;
    }

    private bool DecodeAndLearn(FramePredictor predictor, in InvocationReport report, EventBuffer events)
    {
        var trace = events.Trace = predictor.Begin(_event.Memory);
        bool goesOn;
        try
        {
            goesOn = _model!.Decode(_event.Span, report, events);
        }
        finally
        {
            events.Trace = null;
        }
        if (trace is { IsUsable: true, Deferred: (0, 0) } && events.Pending == 1)
            predictor.Learn(_event.Span, dataStart: 0, _event.Length, excess: 0, events.Options);
        else if (trace is not null)
            predictor.MarkStale();
        predictor.ReleaseTrace();
        return goesOn;
    }

    private bool DecodeInFull(in InvocationReport report, EventBuffer events)
    {
        _predictor?.MarkStale();
        return _model!.Decode(report.IsAlone ? default : _event.Span, report, events);
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

    private bool DecodeFailure(in Frame frame, EventBuffer events)
    {
        if (_model is { IsStopped: true })
        {
            events.Note(QuirkKind.ErrorAfterEnd, ":message-type");
            _model.Complete(isCut: false, events);
            return false;
        }
        var body = frame.Data.IsEmpty ? frame.ErrorMessage : frame.Data;
        string? code = frame.Type.IsEmpty ? null : Encoding.UTF8.GetString(frame.Type);
        throw ErrorReader.ReadInBody(body, inStream: true, Usage, code, events.Options.Limits);
    }

    private static void ThrowBytes() =>
        throw new LlmException(LlmErrorKind.MalformedResponse, "'bytes' is not base64.") { Phase = LlmPhase.Streaming };
}
