using System.Text.Unicode;

namespace RawLlm.Protocols;

/// <summary>The content of an entry of the final list, unescaped and measured once, however many items it is compared with.</summary>
internal ref struct ListedEntry
{
    private readonly List<ListedText> _texts = [];
    private readonly bool _isNamed;
    private readonly ReadOnlySpan<byte> _arguments;
    private byte[]? _compact;

    /// <summary>Reads the content.</summary>
    /// <param name="fields">The entry.</param>
    /// <param name="textCount">The number of texts that the entries so far contain, for the limit.</param>
    /// <param name="events">Provides the limits.</param>
    /// <exception cref="LlmException">The list contains more texts than <see cref="LlmLimits.ContentBlocks"/> allows.</exception>
    public ListedEntry(in OutputItemFields fields, ref int textCount, EventBuffer events)
    {
        _isNamed = !fields.Name.IsEmpty;
        _arguments = fields.ArgumentsValue;
        if (_arguments.IsEmpty)
            _arguments =
                fields.Arguments.IsEscaped || !Utf8.IsValid(fields.Arguments.Raw) ? Unescape(fields.Arguments) : fields.Arguments.Raw;
        Add(fields.Content, ref textCount, events);
        Add(fields.Summary, ref textCount, events);
    }

    /// <summary>Whether an item already emitted everything in the entry.</summary>
    /// <param name="item">The item.</param>
    /// <param name="calls">The arguments of the calls that were compared before, without white space.</param>
    public bool IsEmittedBy(OutputItem item, Dictionary<CallBlock, byte[]> calls)
    {
        if (item.Call is { } call)
            return _isNamed && IsEmittedBy(call, calls);
        foreach (var text in _texts)
        {
            if (!text.IsIn(item))
                return false;
        }
        return _texts.Count > 0;
    }

    private readonly void Add(ContentList list, ref int textCount, EventBuffer events)
    {
        while (list.TryRead(OutputItemKind.Message, events, out var part))
        {
            if (part.Kind == StreamEventKind.None || part.Text.IsEmpty)
                continue;
            // Each is compared with the texts of each item.
            if (textCount++ >= events.Options.Limits.ContentBlocks)
                throw AnswerErrors.TooManyParts();
            char pending = '\0';
            _texts.Add(new ListedText(part.Kind, Repetitions.Unescape(part.Text, ref pending, events)));
        }
    }

    private bool IsEmittedBy(CallBlock call, Dictionary<CallBlock, byte[]> calls)
    {
        if (_arguments.SequenceEqual(call.Arguments.Span))
            return true;
        if (call.IsText)
            return false;
        // White space between the tokens may differ.
        _compact ??= Compact(_arguments, WireJson.IsWhole(_arguments));
        if (_compact.Length == 0)
            return false;
        if (!calls.TryGetValue(call, out byte[]? known))
            calls.Add(call, known = Compact(call.Arguments.Span, call.HasWholeArguments));
        return _compact.AsSpan().SequenceEqual(known);
    }

    private static byte[] Unescape(JsonText text)
    {
        byte[] unescaped = new byte[text.MaxLength];
        char pending = '\0';
        Array.Resize(ref unescaped, text.CopyTo(unescaped, ref pending, out _));
        return unescaped;
    }

    private static byte[] Compact(ReadOnlySpan<byte> json, bool isWhole)
    {
        if (!isWhole)
            return [];
        byte[] compact = new byte[json.Length];
        Array.Resize(ref compact, WireJson.Compact(json, compact));
        return compact;
    }
}
