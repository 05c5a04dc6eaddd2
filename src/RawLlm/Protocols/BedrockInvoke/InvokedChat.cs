using System.Text;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>
/// The models that answer in chat completions or a variant of it: gpt-oss, Qwen, Jamba, Mistral, DeepSeek, imported models.
/// </summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/userguide, "Inference request parameters and response fields". The service does not send the
/// end mark of chat completions; the last event contains the service's token counts instead.
/// </remarks>
internal sealed class InvokedChat : InvokedModel
{
    // Converse's word for it.
    private static ReadOnlySpan<byte> Intervened => "\"guardrail_intervened\""u8;

    // gpt-oss (2026): all reasoning comes before the text, in tags.
    private static readonly ChatCompletionsProtocol Dialect = new() { ReasoningTag = "reasoning" };

    private readonly ChatCompletionsDecoder _chat = new(Dialect);
    private InvocationReport _report;
    private PooledBytes _rewritten;
    private bool _isInterventionReported;

    public override Usage? Usage => _chat.Usage;

    public override bool Decode(ReadOnlySpan<byte> data, in InvocationReport report, EventBuffer events)
    {
        _report.Add(report);
        if (data.IsEmpty)
            return true;
        var chunk = Rewrite(data, isWhole: false, events);
        return _chat.Decode(new Frame(chunk, chunk), events);
    }

    public override void Complete(bool isCut, EventBuffer events)
    {
        if (!isCut)
        {
            EmitReport(events);
            if (_report.HasMetrics)
            {
                _chat.Decode(new Frame("[DONE]"u8, "[DONE]"u8), events);
                return;
            }
        }
        _chat.Complete(isCut, events);
    }

    public override void Abort(EventBuffer events) => _chat.Abort(events);

    public override void ReadReply(ReadOnlySpan<byte> body, in InvocationReport report, EventBuffer events)
    {
        _report = report;
        ReadOnlySpan<byte> answer;
        try
        {
            answer = Rewrite(body, isWhole: true, events);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            // The decoder of the wire throws the error that describes the problem.
            answer = body;
        }
        _chat.ReadReply(answer, events);
    }

    public override void Dispose()
    {
        _chat.Dispose();
        _rewritten.Return();
    }

    private ReadOnlySpan<byte> Rewrite(ReadOnlySpan<byte> data, bool isWhole, EventBuffer events)
    {
        bool isIntervened = _report.IsIntervened && !_isInterventionReported;
        // Without these members, the data has the form that chat completions prescribes.
        if (!isIntervened && data.IndexOf("\"stop_reason\""u8) < 0 && data.IndexOf("\"text\""u8) < 0)
            return data;
        _rewritten.Clear();
        _isInterventionReported |= ChoiceForms.Rewrite(data, ref _rewritten, isWhole, isIntervened ? Intervened : default, events.Options);
        return _rewritten.Span;
    }

    // Adds the report in the wire's own words, as the last of its events.
    private void EmitReport(EventBuffer events)
    {
        // Every piece may report that a guardrail intervened, so this alone does not end the answer.
        if (_report.IsIntervened && !_isInterventionReported && (_report.HasMetrics || _report.IsAccounted))
            DecodeChunk("""{"choices":[{"index":0,"delta":{},"finish_reason":"guardrail_intervened"}]}"""u8, events);
        var counter = new UsageCounter();
        _report.FillIn(ref counter);
        if (_chat.Usage is null && counter is { Input.Value: { } input, Output.Value: { } output })
        {
            DecodeChunk(
                Encoding.UTF8.GetBytes($$$"""{"choices":[],"usage":{"prompt_tokens":{{{input}}},"completion_tokens":{{{output}}}}}"""),
                events
            );
        }
    }

    private void DecodeChunk(ReadOnlySpan<byte> chunk, EventBuffer events) => _chat.Decode(new Frame(chunk, chunk), events);
}
