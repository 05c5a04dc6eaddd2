using System.Text.Unicode;

namespace RawLlm.Protocols;

/// <summary>Detects repetitions of what was emitted: the wire repeats it at the end of a text, of an item and of the answer.</summary>
internal static class Repetitions
{
    /// <summary>Whether an item already emitted everything in an entry of the final list.</summary>
    public static bool SaysSame(OutputItem item, in OutputItemFields fields, EventBuffer events)
    {
        if (item.Call is { } call)
            return !fields.Name.IsEmpty && SaysSame(call, fields, events);
        bool isAny = false;
        return SaysSame(item, fields.Content, ref isAny, events) && SaysSame(item, fields.Summary, ref isAny, events) && isAny;
    }

    /// <summary>Whether an entry has text, and nothing but white space.</summary>
    public static bool IsBlank(OutputItem item, in OutputItemFields fields, EventBuffer events)
    {
        var list = fields.Content;
        bool isAny = false;
        while (list.TryRead(item, events, out var part))
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
        var said = Unescape(part.Text, ref pending, events);
        foreach (var text in item.Texts)
        {
            if (text.Kind == part.Kind && text.IsSummary != isSummary && WasGiven(text, said))
                return true;
        }
        return false;
    }

    // If as many texts were emitted as the list contains, they are the same, whatever their indexes. The result for each kind is kept in
    // one bit, so that no list is read once for each of its parts.
    public static bool AreAllGiven(
        OutputItem item,
        StreamEventKind kind,
        bool isSummary,
        ContentList list,
        ref uint asked,
        ref uint given,
        EventBuffer events
    )
    {
        uint bit = 1u << (int)kind;
        if ((asked & bit) != 0)
            return (given & bit) != 0;
        asked |= bit;
        int count = 0;
        foreach (var text in item.Texts)
            count += text.HasText && text.Kind == kind && text.IsSummary == isSummary ? 1 : 0;
        if (count == 0)
            return false;
        while (list.TryRead(item, events, out var part))
            count -= part.Kind == kind && !part.Text.IsEmpty ? 1 : 0;
        if (count < 0)
            return false;
        given |= bit;
        events.Note(QuirkKind.EventOrder, "content_index");
        return true;
    }

    // The call's own events up to its end take precedence over the list: vLLM (2026) may put the arguments of another call there.
    public static bool IsSettled(OutputItem item, CallBlock call) =>
        (item.IsDone || item.IsGuessed) && call.Arguments.Length > 0 && (call.IsText || call.HasWholeArguments);

    public static bool SaysNoOther(ReadOnlySpan<byte> pieces, bool isText, JsonText whole, ReadOnlySpan<byte> value, EventBuffer events)
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

    private static bool SaysSame(CallBlock call, in OutputItemFields fields, EventBuffer events)
    {
        char pending = '\0';
        var said = fields.ArgumentsValue.IsEmpty ? Unescape(fields.Arguments, ref pending, events) : fields.ArgumentsValue;
        var known = call.Arguments.Span;
        if (said.SequenceEqual(known))
            return true;
        if (call.IsText || !WireJson.IsWhole(said) || !WireJson.IsWhole(known))
            return false;
        // White space between the tokens may differ.
        var one = WireJson.Reader(said, events.Options);
        var other = WireJson.Reader(known, events.Options);
        while (one.Read())
        {
            if (!other.Read() || one.TokenType != other.TokenType || !one.ValueSpan.SequenceEqual(other.ValueSpan))
                return false;
        }
        return true;
    }

    private static bool SaysSame(OutputItem item, ContentList list, ref bool isAny, EventBuffer events)
    {
        while (list.TryRead(item, events, out var part))
        {
            if (part.Kind == StreamEventKind.None || part.Text.IsEmpty)
                continue;
            isAny = true;
            char pending = '\0';
            var said = Unescape(part.Text, ref pending, events);
            bool isFound = false;
            foreach (var text in item.Texts)
                isFound |= text.Kind == part.Kind && WasGiven(text, said);
            if (!isFound)
                return false;
        }
        return true;
    }

    // A text that can no longer be compared does not count as the same.
    private static bool WasGiven(OutputText text, ReadOnlySpan<byte> said) =>
        text is { HasText: true, Run.Counted: { } counted } && counted.Length == said.Length && counted.MayBegin(said);
}
