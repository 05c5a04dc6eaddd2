using RawLlm.Framing;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// Produces the seam and then the events of the answer that follows it; if the text is continued, as parts of the earlier answer.
/// </summary>
/// <remarks>Every event is copied: a stream pays for that only after its seam.</remarks>
/// <param name="inner">The decoder of the answer, positioned on its first event; disposed with this one.</param>
/// <param name="seam">The seam.</param>
/// <param name="delivered">Records what is delivered, before the seam and after it.</param>
/// <param name="repeated">Removes what the service repeats; null if the answer starts over.</param>
/// <param name="errors">The error context of the service that answers now.</param>
internal sealed class SeamDecoder(
    StreamDecoder inner,
    StreamSwitch seam,
    DeliveredAnswer delivered,
    RepeatedText? repeated,
    ErrorContext errors
) : EventDecoder
{
    private readonly int _textPart = delivered.TextPart;
    private readonly int _partsBefore = delivered.PartCount;
    private readonly Dictionary<int, int> _parts = [];
    private bool _hasBegun;
    private int _quirks;

    public override Usage? Usage => inner.Usage;

    internal override string? AnswerId => inner.AnswerId;

    internal override string? AnswerModel => inner.AnswerModel;

    internal override bool IsStopped => inner.IsStopped;

    public override bool Decode(in Frame frame, EventBuffer events)
    {
        try
        {
            if (!_hasBegun)
            {
                _hasBegun = true;
                events.Switch(seam);
                if (!seam.IsContinued)
                    delivered.Clear();
                Pass(inner.Current, events);
            }
            while (inner.TryRead())
                Pass(inner.Current, events);
            inner.ReleaseIfIdle();
            return !inner.IsEnded;
        }
        catch (LlmException e)
        {
            // The frames of the outer decoder are empty.
            throw e.With(body: errors.RetainBody(inner.FailedFrame));
        }
        finally
        {
            for (; _quirks < inner.Quirks.Count; _quirks++)
                events.Record(inner.Quirks[_quirks]);
        }
    }

    public override void Complete(bool isCut, EventBuffer events)
    {
        inner.Complete();
        Decode(default, events);
    }

    internal override void Abort(EventBuffer events)
    {
        inner.Abort();
        while (inner.TryReadLeft())
            Pass(inner.Current, events);
    }

    public override void Dispose() => inner.Dispose();

    private void Pass(in StreamEvent e, EventBuffer events)
    {
        if (e.Kind is StreamEventKind.None or StreamEventKind.Connected)
            return;
        if (e.Kind == StreamEventKind.Text && e.Choice == 0 && repeated is { IsOver: false })
        {
            Emit(e, repeated.Skip(e.Utf8), events);
            return;
        }
        // What was held back as a repetition was not one.
        if (repeated is { IsOver: false } && repeated.End() is { IsEmpty: false } held)
            Emit(StreamEventKind.Text, _textPart, held, events);
        Emit(e, e.Utf8, events);
    }

    private void Emit(in StreamEvent e, ReadOnlySpan<byte> utf8, EventBuffer events)
    {
        if (repeated is null || e.Kind is StreamEventKind.Stop or StreamEventKind.Usage or StreamEventKind.Done or StreamEventKind.Other)
        {
            delivered.Record(e.Kind, e.Choice, e.Index, utf8);
            events.Add(e);
            return;
        }
        int part = Part(e);
        if (e.Kind == StreamEventKind.Citation && e.Citation is { } citation)
        {
            delivered.Record(e.Kind, e.Choice, part, utf8);
            // Its position is relative to the beginning of this attempt.
            events.Cite(e.Choice, part, citation with { Place = default });
        }
        else if (e.Kind == StreamEventKind.Text && e.Choice == 0)
        {
            Emit(e.Kind, part, utf8, events);
        }
        else
        {
            delivered.Record(e.Kind, e.Choice, part, utf8);
            events.Add(e, part);
        }
    }

    private void Emit(StreamEventKind kind, int part, ReadOnlySpan<byte> utf8, EventBuffer events)
    {
        if (utf8.IsEmpty)
            return;
        delivered.Record(kind, 0, part, utf8);
        events.Add(kind, 0, part, utf8);
    }

    // The first text continues the last earlier one; everything else is a new part.
    private int Part(in StreamEvent e)
    {
        if (_parts.TryGetValue(e.Index, out int known))
            return known;
        bool isFirstText = e.Kind == StreamEventKind.Text && e.Choice == 0 && !_parts.ContainsValue(_textPart);
        return _parts[e.Index] = isFirstText ? _textPart : _partsBefore + _parts.Count;
    }
}
