using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>A tool call in progress: what is known of it so far.</summary>
internal sealed class AssembledCall(ToolCallAssembler calls, int choice, int part) : GrowingCall(choice, part)
{
    /// <summary>The wire's index of the call; -1 if it sent none.</summary>
    public required int WireIndex { get; init; }

    /// <summary>The <see cref="ToolCallDelta.Position"/> of the delta that began the call.</summary>
    public required int Position { get; init; }

    /// <summary>The ID from the service, before it was made unique.</summary>
    public string? WireId;
    public bool IsStarted;

    /// <summary>Whether the arguments are free text and not JSON.</summary>
    public bool IsCustom;

    /// <summary>How many bytes of the arguments have been returned as fragments.</summary>
    public int EmittedLength;

    /// <summary>The other indexes under which the service repeated the ID and name without arguments: of this call, or of another that
    /// begins there.</summary>
    public List<int>? OtherIndexes;

    // The arguments without white space between their tokens, if that is at most half of them; their length without it, and how many bytes
    // were read for both.
    private byte[]? _compact;
    private int _compactLength;
    private int _compactedFrom;

    /// <summary>Whether the arguments are one complete JSON value: an object, or another value of at most 64 bytes.</summary>
    /// <remarks>Checked with every fragment of services that repeat the name.</remarks>
    public override bool HasWholeArguments =>
        (Arguments.Span is [(byte)'{', ..] || Arguments.Length is > 0 and <= 64) && base.HasWholeArguments;

    /// <summary>Whether JSON equals the arguments, which are complete, except for white space and for how strings are escaped.</summary>
    /// <remarks>The cost is proportional to the JSON, not to the arguments: every event may ask.</remarks>
    public bool MatchesArguments(ReadOnlySpan<byte> json)
    {
        // An escape takes at most six times as many bytes as what it stands for. Longer arguments are other ones, or contain much white
        // space.
        long longest = Math.Max(64, 6L * json.Length);
        if (Arguments.Length <= longest)
            return JsonComparer.Is(json, Arguments.Span);
        Compact();
        return _compactLength <= longest && JsonComparer.Is(json, _compact ?? Arguments.Span);
    }

    /// <summary>Sets the ID from the service.</summary>
    public void Identify(in JsonText id) => Id = WireId = id.ToString();

    public bool IsNamed(in JsonText name) => Name is not null && name.Is(Name);

    public override void Add(JsonText piece, EventBuffer events) => calls.Append(this, piece, events);

    public override bool TryAppend(int length, EventBuffer events) => calls.TryAppend(this, length, events);

    // Again only after the arguments have doubled, which white space at their end can do.
    private void Compact()
    {
        if (Arguments.Length <= 2L * _compactedFrom)
            return;
        _compactedFrom = Arguments.Length;
        byte[] room = ByteArrays.Rent(Arguments.Length);
        _compactLength = WireJson.Compact(Arguments.Span, room);
        _compact = _compactLength <= Arguments.Length / 2 ? room[.._compactLength] : null;
        ByteArrays.Return(room);
    }
}
