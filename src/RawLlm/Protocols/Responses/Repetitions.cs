using System.Text.Unicode;

namespace RawLlm.Protocols;

/// <summary>Detects repetitions of what was emitted: the wire repeats it at the end of a text, of an item and of the answer.</summary>
internal static class Repetitions
{
    /// <summary>Whether an entry has text, and nothing but white space.</summary>
    public static bool IsBlank(in OutputItemFields fields, EventBuffer events)
    {
        var list = fields.Content;
        var kind = fields.Kind;
        bool isAny = false;
        while (list.TryRead(kind, events, out var part))
        {
            if (part.Text.IsEmpty)
                continue;
            isAny = true;
            char pending = '\0';
            if (!Unescape(part.Text, ref pending, events).Trim(WireJson.WhiteSpace).IsEmpty)
                return false;
        }
        return isAny;
    }

    // Some servers send reasoning as a summary and end it as content, or the other way round (new-api, 2026).
    public static bool IsRepeated(OutputItem item, in ContentPart part, bool isSummary, int index, EventBuffer events)
    {
        if (
            part.Kind != StreamEventKind.Reasoning
            || part.Text.IsEmpty
            || item.Find(part.Kind, isSummary, index, isDone: true) is { HasText: true }
        )
        {
            return false;
        }

        char pending = '\0';
        var unescaped = Unescape(part.Text, ref pending, events);
        foreach (var text in item.Texts)
        {
            if (text.Kind == part.Kind && text.IsSummary != isSummary && WasEmitted(text, unescaped))
                return true;
        }
        return false;
    }

    // If as many texts were emitted as the list contains, they are the same, whatever their indexes. The result for each kind is kept in
    // one bit, so that no list is read once for each of its parts.
    public static bool AreAllEmitted(
        OutputItem item,
        StreamEventKind kind,
        bool isSummary,
        ContentList list,
        ref uint asked,
        ref uint emitted,
        EventBuffer events
    )
    {
        uint bit = 1u << (int)kind;
        if ((asked & bit) != 0)
            return (emitted & bit) != 0;
        asked |= bit;
        int count = 0;
        foreach (var text in item.Texts)
            count += text.HasText && text.Kind == kind && text.IsSummary == isSummary ? 1 : 0;
        if (count == 0)
            return false;
        while (list.TryRead(item.Kind, events, out var part))
            count -= part.Kind == kind && !part.Text.IsEmpty ? 1 : 0;
        if (count < 0)
            return false;
        emitted |= bit;
        events.Note(QuirkKind.EventOrder, "content_index");
        return true;
    }

    // The call's own events up to its end take precedence over the list: vLLM (2026) may put the arguments of another call there.
    public static bool IsSettled(OutputItem item, CallBlock call) =>
        (item.IsDone || item.IsGuessed) && call.Arguments.Length > 0 && (call.IsText || call.HasWholeArguments);

    public static bool AddsNothing(ReadOnlySpan<byte> pieces, bool isText, JsonText whole, ReadOnlySpan<byte> value, EventBuffer events)
    {
        if (value.IsEmpty ? whole.IsEmpty || (!isText && WireJson.IsEmpty(whole.Raw)) : WireJson.IsEmpty(value))
            return true;
        char pending = '\0';
        if (value.IsEmpty)
            return Unescape(whole, ref pending, events).SequenceEqual(pieces);
        var room = events.Reserve(value.Length);
        return room[..WireJson.Compact(value, room)].SequenceEqual(pieces);
    }

    // Valid until the next event is added.
    public static ReadOnlySpan<byte> Unescape(JsonText text, ref char pending, EventBuffer events)
    {
        if (!text.IsEscaped && Utf8.IsValid(text.Raw))
            return text.Raw;
        var room = events.Reserve(text.MaxLength);
        return room[..text.CopyTo(room, ref pending, out _)];
    }

    // A text that can no longer be compared does not count as the same.
    private static bool WasEmitted(OutputText text, ReadOnlySpan<byte> whole) =>
        text is { HasText: true, Run.Counted: { } counted } && counted.Length == whole.Length && counted.MayBegin(whole);
}
