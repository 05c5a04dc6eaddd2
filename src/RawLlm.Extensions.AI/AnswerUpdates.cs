using System.Text;
using Microsoft.Extensions.AI;
using RawLlm.Protocols;

namespace RawLlm.Extensions.AI;

/// <summary>Converts the events of one streamed answer to updates of one message.</summary>
/// <remarks>
/// Text and reasoning are handed on piece by piece, tool calls once they are complete. Data that a service wants back with text or
/// reasoning follows when the part has ended, as a content of its own that survives when updates are joined; data of reasoning joins the
/// reasoning before it. Citations of texts follow at the end of the answer.
/// </remarks>
internal sealed class AnswerUpdates(DateTimeOffset createdAt, IReadOnlyList<Quirk> notes)
{
    private readonly List<AnswerPart> _parts = [];
    private string _messageId = NewId();
    private string? _id;
    private string? _model;
    private List<(int Part, Citation Citation)>? _citations;
    private AnswerPart? _open;
    private AnswerPart? _shown;
    private int? _choice;
    private StopReason _stopReason;
    private string? _rawStopReason;

    /// <summary>The updates that are ready; the caller hands them on and clears the list.</summary>
    public List<ChatResponseUpdate> Ready { get; } = [];

    /// <summary>Adds the updates for an event to those that are ready.</summary>
    public void Add(in StreamEvent e, ChatStream stream, UsageConvention convention)
    {
        (_id, _model) = (stream.Id, stream.Model ?? stream.RequestedModel);
        switch (e.Kind)
        {
            case StreamEventKind.Switched when e.Switch is { } seam:
                Switch(seam, e.ToUpdate());
                break;
            case StreamEventKind.None or StreamEventKind.Connected or StreamEventKind.Other:
                break;
            // A ChatResponse contains one answer; only an extra member of the request can ask for more.
            case not (StreamEventKind.Usage or StreamEventKind.Done) when e.Choice != (_choice ??= e.Choice):
                break;
            case StreamEventKind.Text or StreamEventKind.Reasoning:
                AddPiece(e);
                break;
            case StreamEventKind.Refusal:
                Enter(e).Text.Append(e.ToString());
                break;
            case StreamEventKind.Media or StreamEventKind.Transcript:
                AddMedia(e);
                break;
            case StreamEventKind.ToolCallStarted or StreamEventKind.ToolArguments:
                AddArguments(e);
                break;
            case StreamEventKind.ToolCall:
                AddCall(e);
                break;
            case StreamEventKind.WireData:
                AddData(e);
                break;
            case StreamEventKind.Citation when e.Citation is { } citation:
                (_citations ??= []).Add((e.Index, citation));
                break;
            case StreamEventKind.LogProbs:
                Ready.Add(New([], e.ToUpdate()));
                break;
            case StreamEventKind.Stop:
                (_stopReason, _rawStopReason) = (e.StopReason, e.RawStopReason);
                Finish();
                break;
            case StreamEventKind.Usage:
                if (UsageNumbers.Read(e.Usage, convention) is { } usage)
                    Emit(new UsageContent(usage) { RawRepresentation = e.Usage }, null);
                break;
            case StreamEventKind.Done:
                Finish();
                Ready.Add(Last(e, stream));
                break;
        }
    }

    // An answer that starts over becomes a message of its own; earlier updates stay as they are.
    private void Switch(StreamSwitch seam, StreamUpdate update)
    {
        if (!seam.IsContinued)
        {
            _messageId = NewId();
            _parts.Clear();
            (_citations, _open, _shown, _choice) = (null, null, null, null);
        }
        Ready.Add(New([], update));
    }

    private static string NewId() => "msg_" + Guid.NewGuid().ToString("N");

    private void AddPiece(in StreamEvent e)
    {
        var part = Enter(e);
        var piece = e.ToUpdate();
        if (piece.Text is not { } text)
            return;
        part.EmittedMark.Add(text);
        if (e.Kind == StreamEventKind.Text)
            part.Pieces.Add(text);
        AIContent content = e.Kind == StreamEventKind.Text ? new TextContent(text) : new TextReasoningContent(text);
        if (piece.Phase is { } phase)
            content.AdditionalProperties = new() { [LlmAdapterKeys.Phase] = phase };
        Emit(content, part, piece);
    }

    // Audio arrives in pieces, together with its transcript; it is complete only at the end of the answer.
    private void AddMedia(in StreamEvent e)
    {
        var part = Enter(e);
        part.Id = e.Id ?? part.Id;
        part.Kind = StreamEventKind.Media;
        part.IsAudio |=
            e.Kind == StreamEventKind.Transcript || (e.Name is { } type && !type.StartsWith("image/", StringComparison.OrdinalIgnoreCase));
        part.Media.Add(new StreamEvent(e.Kind, utf8: e.Utf8) { Name = e.Name });
    }

    private void EmitMedia(AnswerPart part)
    {
        part.IsEmitted = true;
        Emit(AnswerContents.Write(part.Media.Build().Message.Parts[0] with { WireData = part.Data }), part);
    }

    private void AddArguments(in StreamEvent e)
    {
        var part = Enter(e);
        part.Id = e.Id ?? part.Id;
        part.Name = e.Name ?? part.Name;
        part.Text.Append(e.ToString());
    }

    private void AddCall(in StreamEvent e)
    {
        var part = Enter(e);
        Emit(
            AnswerContents.Write(
                new ToolCallPart(new ToolCall(e.Id ?? part.Id ?? "", e.Name ?? part.Name ?? "", e.ToString())) { WireData = part.Data }
            ),
            part
        );
        part.Id = e.Id ?? part.Id;
        part.Name = e.Name ?? part.Name;
        part.Text.Clear();
        part.IsEmitted = true;
        part.HasNewData = false;
    }

    private void AddData(in StreamEvent e)
    {
        var part = Find(e.Index);
        part.Data = PartTag.Data(e.Name ?? "", e.Utf8) with { Origin = e.Origin };
        part.HasNewData = true;
        // Its part has already ended. If the part has not begun, its first piece or the next part shows what it is.
        if (part.Kind != StreamEventKind.None && part != _open)
            Close(part);
    }

    // Moves to the event's part and closes the parts before it.
    private AnswerPart Enter(in StreamEvent e)
    {
        var part = Find(e.Index);
        if (part.Kind == StreamEventKind.None)
        {
            part.Kind = e.Kind is StreamEventKind.ToolCallStarted or StreamEventKind.ToolArguments or StreamEventKind.ToolCall
                ? StreamEventKind.ToolCall
                : e.Kind;
        }

        if (_open == part)
            return part;
        foreach (var other in _parts)
        {
            if (other == part || other.Index > part.Index)
                break;
            Close(other);
        }
        if (_open is { } left && left.Index > part.Index)
            Close(left);
        _open = part;
        return part;
    }

    private void Close(AnswerPart part)
    {
        switch (part.Kind)
        {
            case StreamEventKind.None when part.Data is { } data && !part.IsEmitted:
                part.IsEmitted = true;
                Emit(AnswerContents.Write(new OpaquePart(data)), part);
                break;
            case StreamEventKind.Text when part.HasNewData:
                Emit(PartTag.NewContent(PartTag.Write(new TextPart("") { WireData = part.Data }, part.EmittedMark.ToString())), null);
                break;
            case StreamEventKind.Reasoning when part.HasNewData:
                Emit(
                    new TextReasoningContent("")
                    {
                        ProtectedData = PartTag.Write(new ReasoningPart("") { WireData = part.Data }, part.EmittedMark.ToString()),
                    },
                    part
                );
                break;
            case StreamEventKind.Refusal when !part.IsEmitted:
                part.IsEmitted = true;
                Emit(AnswerContents.Write(new RefusalPart(part.Text.ToString()) { WireData = part.Data }), part);
                break;
            case StreamEventKind.Media when part is { IsEmitted: false, IsAudio: false }:
                EmitMedia(part);
                break;
            case StreamEventKind.Media:
                return;
            case StreamEventKind.ToolCall when part is { IsEmitted: true, HasNewData: true }:
                var call = new ToolCallPart(new ToolCall(part.Id ?? "", part.Name ?? "", "")) { WireData = part.Data };
                Emit(PartTag.NewContent(PartTag.Write(call, PartTag.ArgumentsInContent)), null);
                break;
            case StreamEventKind.ToolCall:
                return;
        }
        part.HasNewData = false;
    }

    // Called again at the end, for an answer without a stop reason.
    private void Finish()
    {
        foreach (var part in _parts)
        {
            Close(part);
            if (part is { Kind: StreamEventKind.Media, IsEmitted: false })
                EmitMedia(part);
            if (part is not { Kind: StreamEventKind.ToolCall, IsEmitted: false })
                continue;
            part.IsEmitted = true;
            part.HasNewData = false;
            Emit(
                AnswerContents.Write(
                    new ToolCallPart(new ToolCall(part.Id ?? "", part.Name ?? "", part.Text.ToString()) { IsComplete = false })
                    {
                        WireData = part.Data,
                    }
                ),
                part
            );
        }
        _open = null;
        EmitCitations();
    }

    // The positions of citations are known only once the texts are complete.
    private void EmitCitations()
    {
        if (_citations is null)
            return;
        var builder = new ReplyBuilder();
        foreach (var part in _parts)
        {
            if (part.Kind == StreamEventKind.Text)
            {
                builder.Add(
                    new StreamEvent(StreamEventKind.Text, index: part.Index, utf8: Encoding.UTF8.GetBytes(string.Concat(part.Pieces)))
                );
            }
        }
        foreach (var (part, citation) in _citations)
            builder.Add(new StreamEvent(StreamEventKind.Citation, index: part) { Citation = citation });
        _citations = null;
        foreach (var content in AnswerCitations.Gather(builder.Build().Citations))
            Emit(content, null);
    }

    private AnswerPart Find(int index)
    {
        if (_open?.Index == index)
            return _open;
        int place = _parts.Count;
        while (place > 0 && _parts[place - 1].Index >= index)
        {
            place--;
            if (_parts[place].Index == index)
                return _parts[place];
        }
        var part = new AnswerPart(index);
        _parts.Insert(place, part);
        return part;
    }

    private void Emit(AIContent content, AnswerPart? part, object? raw = null)
    {
        if (part is not null)
            MarkPlaces(part);
        // Joining updates merges adjacent texts, but the data of a part must find its own text again.
        if (
            part is { Kind: StreamEventKind.Text or StreamEventKind.Reasoning }
            && _shown is not null
            && part != _shown
            && part.Kind == _shown.Kind
        )
        {
            Ready.Add(New([PartTag.NewBorder()], null));
        }

        _shown = part;
        Ready.Add(New([content], raw));
    }

    // Keeps the positions of calls that began before the part and are not complete yet; their order matters to some services.
    private void MarkPlaces(AnswerPart part)
    {
        foreach (var before in _parts)
        {
            if (before.Index >= part.Index)
                break;
            if (before is not { Kind: StreamEventKind.ToolCall, IsEmitted: false, HasPlace: false, Id: { } id })
                continue;
            before.HasPlace = true;
            _shown = null;
            Ready.Add(New([PartTag.NewPlace(id)], null));
        }
    }

    private ChatResponseUpdate New(IList<AIContent> contents, object? raw) =>
        new(ChatRole.Assistant, contents)
        {
            MessageId = _messageId,
            CreatedAt = createdAt,
            ResponseId = _id,
            ModelId = _model,
            RawRepresentation = raw,
        };

    private ChatResponseUpdate Last(in StreamEvent done, ChatStream stream)
    {
        var last = New([], done.ToUpdate());
        (last.ResponseId, last.ModelId) = (done.Id ?? _id, done.Name ?? _model);
        last.FinishReason = FinishReasons.Read(_stopReason, _rawStopReason);
        last.AdditionalProperties = AnswerProperties.Of(
            _rawStopReason,
            stream.Provider,
            stream.RequestId,
            stream.Cost,
            stream.RateLimits,
            stream.Quirks,
            notes
        );
        return last;
    }
}
