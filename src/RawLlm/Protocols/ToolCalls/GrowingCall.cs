namespace RawLlm.Protocols;

/// <summary>A tool call in progress: its arguments so far, and what of them counts in the end.</summary>
internal abstract class GrowingCall(int choice, int part) : PieceTarget(StreamEventKind.ToolArguments, choice, part)
{
    public PooledBytes Arguments;

    private GrowingJson _json;

    // Where the last fragment of the arguments begins, and how long the first one is.
    private int _lastAt;
    private int _firstLength;

    /// <summary>Whether the arguments so far are one complete JSON value.</summary>
    public virtual bool HasWholeArguments => _json.IsWhole(Arguments.Span);

    /// <summary>Whether the arguments so far are nothing, null, an empty string or an empty object.</summary>
    public bool HasEmptyArguments => _json.IsEmpty(Arguments.Span);

    /// <summary>Whether the arguments can continue with an object, or have not begun.</summary>
    public bool AcceptsObject => _json.AcceptsObject(Arguments.Span);

    /// <summary>Records that the arguments so far are one value that a JSON reader has already validated.</summary>
    public void MarkComplete() => _json.MarkComplete(Arguments.Length);

    /// <summary>Records a fragment of the arguments that was just added at the end.</summary>
    /// <param name="start">Where the fragment begins.</param>
    public void RecordFragment(int start)
    {
        _lastAt = start;
        if (start == 0)
            _firstLength = Arguments.Length;
    }

    /// <summary>Removes the arguments, because others take their place.</summary>
    public void ClearArguments()
    {
        Arguments.Clear();
        _json = default;
        _lastAt = _firstLength = 0;
    }

    /// <summary>
    /// Returns whether the arguments, which have all arrived, are one JSON value, without what a gateway repeated or sent in their place.
    /// </summary>
    /// <remarks>Checked only here, and only if everything together is not valid JSON, because any fragment may look like a
    /// repetition.</remarks>
    public bool TrySettle(string place, EventBuffer events)
    {
        if (_json.IsWhole(Arguments.Span))
            return true;
        if (_lastAt == 0)
            return false;
        var first = Arguments.Span[.._lastAt];
        var last = Arguments.Span[_lastAt..];
        if (IsWholeObject(last) && JsonComparer.Begins(first, last))
        {
            // The complete arguments repeated, serialized differently, after all or part of the original ones (vLLM, 2026: without the last
            // brace).
            Arguments.DropFirst(_lastAt);
        }
        else if (IsRepetition(first, last) || (IsPlaceholder(last) && WireJson.IsWhole(first)))
        {
            Arguments.Drop(last.Length);
        }
        else if (IsPlaceholder(Arguments.Span[.._firstLength]) && IsWholeObject(Arguments.Span[_firstLength..]))
        {
            // Envoy's gateway and OpenAI-compatible endpoints in front of Claude (2025): the empty input with which a Messages block
            // begins, followed by the fragments of the real one. Only as a fragment of its own: anything else is what it looks like,
            // invalid.
            Arguments.DropFirst(_firstLength);
        }
        else
        {
            return false;
        }
        events.Note(QuirkKind.ToolArgumentsRepeated, place);
        return true;
    }

    /// <summary>Whether arguments are none, or <c>null</c>, which vLLM (2026) writes for a tool without arguments.</summary>
    public static bool IsNothing(ReadOnlySpan<byte> arguments, string place, EventBuffer events)
    {
        arguments = arguments.Trim(WireJson.WhiteSpace);
        if (!arguments.SequenceEqual("null"u8))
            return arguments.IsEmpty;
        events.Note(QuirkKind.UnexpectedType, place);
        return true;
    }

    /// <summary>Whether a fragment is the complete arguments again, as they were or as text inside a string (seen from gateways).</summary>
    public static bool IsRepetition(ReadOnlySpan<byte> before, ReadOnlySpan<byte> added)
    {
        if (before[0] != '{')
            return false;
        if (added.SequenceEqual(before))
            return WireJson.IsWhole(before);
        return added[0] == '"' && added.Length > before.Length && WireJson.IsWhole(before) && IsTextOf(added, before);
    }

    public override Span<byte> Reserve(int most) => Arguments.Reserve(most);

    public override ReadOnlySpan<byte> LastPiece(int length) => length <= Arguments.Length ? Arguments.Span[^length..] : default;

    private static bool IsWholeObject(ReadOnlySpan<byte> json) =>
        json.TrimStart(WireJson.WhiteSpace) is [(byte)'{', ..] && WireJson.IsWhole(json);

    private static bool IsPlaceholder(ReadOnlySpan<byte> fragment) => fragment.SequenceEqual("{}"u8);

    private static bool IsTextOf(ReadOnlySpan<byte> added, ReadOnlySpan<byte> text)
    {
        if (!WireJson.IsWhole(added))
            return false;
        var reader = new System.Text.Json.Utf8JsonReader(added);
        return reader.Read() && reader.TokenType == System.Text.Json.JsonTokenType.String && JsonText.Read(ref reader).Is(text);
    }
}
