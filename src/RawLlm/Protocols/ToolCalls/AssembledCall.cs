using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>A tool call in progress: what is known of it so far.</summary>
internal sealed class AssembledCall(ToolCallAssembler calls, int choice, int part)
    : PieceTarget(StreamEventKind.ToolArguments, choice, part)
{
    /// <summary>The wire's index of the call; -1 if it sent none.</summary>
    public required int WireIndex { get; init; }

    /// <summary>The <see cref="ToolCallDelta.Position"/> of the delta that began the call.</summary>
    public required int Position { get; init; }

    /// <summary>The ID from the service, before it was made unique.</summary>
    public string? WireId;
    public PooledBytes Arguments;
    public bool IsStarted;

    /// <summary>Whether the arguments are free text and not JSON.</summary>
    public bool IsCustom;

    /// <summary>How many bytes of the arguments have been returned as fragments.</summary>
    public int Given;

    /// <summary>The other indexes under which the service repeated the ID and name without arguments: of this call, or of another that
    /// begins there.</summary>
    public List<int>? OtherIndexes;

    /// <summary>Where the last fragment of the arguments begins.</summary>
    public int LastAt { get; private set; }

    /// <summary>The length of the first fragment of the arguments.</summary>
    public int FirstLength { get; private set; }

    private GrowingJson _json;

    // The arguments without white space between their tokens, if that is at most half of them; their length without it, and how many bytes
    // were read for both.
    private byte[]? _compact;
    private int _compactLength;
    private int _compactedFrom;

    /// <summary>Whether the arguments are one complete JSON value: an object, or another value of at most 64 bytes.</summary>
    /// <remarks>Checked with every fragment of services that repeat the name.</remarks>
    public bool HasWholeArguments
    {
        get
        {
            var arguments = Arguments.Span;
            return arguments is [(byte)'{', ..]
                ? _json.IsWhole(arguments)
                : arguments.Length is > 0 and <= 64 && WireJson.IsWhole(arguments);
        }
    }

    /// <summary>Whether the arguments can continue with an object, or have not begun.</summary>
    public bool TakesObject => _json.TakesObject(Arguments.Span);

    /// <summary>Whether JSON equals the arguments, which are complete, except for white space and for how strings are escaped.</summary>
    /// <remarks>The cost is proportional to the JSON, not to the arguments: every event may ask.</remarks>
    public bool IsSaidBy(ReadOnlySpan<byte> json)
    {
        // An escape takes at most six times as many bytes as what it stands for. Longer arguments are other ones, or contain much white
        // space.
        long longest = Math.Max(64, 6L * json.Length);
        if (Arguments.Length <= longest)
            return JsonComparer.Is(json, Arguments.Span);
        Compact();
        return _compactLength <= longest && JsonComparer.Is(json, _compact ?? Arguments.Span);
    }

    /// <summary>Records a fragment of the arguments that was just added at the end.</summary>
    /// <param name="start">Where the fragment begins.</param>
    public void NoteFragment(int start)
    {
        LastAt = start;
        if (start == 0)
            FirstLength = Arguments.Length;
    }

    /// <summary>Removes the first bytes of the arguments.</summary>
    public void DropFirst(int count)
    {
        Arguments.DropFirst(count);
        _json = default;
        (_compact, _compactLength, _compactedFrom) = (null, 0, 0);
    }

    /// <summary>Sets the ID from the service.</summary>
    public void Identify(in JsonText id) => Id = WireId = id.ToString();

    public bool IsNamed(in JsonText name) => Name is not null && name.Is(Name);

    public override void Add(JsonText piece, EventBuffer events) => calls.Append(this, piece, events);

    public override Span<byte> Reserve(int most) => Arguments.Reserve(most);

    public override bool TryTake(int length, EventBuffer events) => calls.TryTake(this, length, events);

    public override ReadOnlySpan<byte> Taken(int length) => length <= Arguments.Length ? Arguments.Span[^length..] : default;

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
