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

    /// <summary>Where the last fragment of the arguments begins.</summary>
    public int LastAt { get; private set; }

    /// <summary>The length of the first fragment of the arguments.</summary>
    public int FirstLength { get; private set; }

    private int _scanned;
    private int _depth;
    private int _closedAt;
    private bool? _isWhole;
    private bool _isInString;
    private bool _isEscaped;

    /// <summary>Whether the arguments are one complete JSON value: an object, or another value of at most 64 bytes.</summary>
    /// <remarks>
    /// Checked with every fragment of services that repeat the name. A scan that continues where it stopped finds where the object closes,
    /// so that the object is parsed only once and the cost is linear in the length of the arguments, not quadratic.
    /// </remarks>
    public bool HasWholeArguments
    {
        get
        {
            int length = Arguments.Length;
            if (length == 0 || Arguments.Span[0] != '{')
                return length is > 0 and <= 64 && WireJson.IsWhole(Arguments.Span);
            Scan(Arguments.Span);
            if (_closedAt == 0 || !Arguments.Span[_closedAt..].Trim(WireJson.WhiteSpace).IsEmpty)
                return false;
            return _isWhole ??= WireJson.IsWhole(Arguments.Span[.._closedAt]);
        }
    }

    /// <summary>Records a fragment of the arguments that was just added at the end.</summary>
    /// <param name="start">Where the fragment begins.</param>
    public void NoteFragment(int start)
    {
        LastAt = start;
        if (start == 0)
            FirstLength = Arguments.Length;
    }

    /// <summary>Sets the ID from the service.</summary>
    public void Identify(in JsonText id) => Id = WireId = id.ToString();

    public bool IsNamed(in JsonText name) => Name is not null && name.Is(Name);

    public override void Add(JsonText piece, EventBuffer events) => calls.Append(this, piece, events);

    public override Span<byte> Reserve(int most) => Arguments.Reserve(most);

    public override bool TryTake(int length, EventBuffer events) => calls.TryTake(this, length, events);

    public override ReadOnlySpan<byte> Taken(int length) => length <= Arguments.Length ? Arguments.Span[^length..] : default;

    private void Scan(ReadOnlySpan<byte> arguments)
    {
        for (; _scanned < arguments.Length && _closedAt == 0; _scanned++)
        {
            byte b = arguments[_scanned];
            if (_isEscaped)
                _isEscaped = false;
            else if (_isInString)
                (_isEscaped, _isInString) = (b == '\\', b != '"');
            else if (b == '"')
                _isInString = true;
            else if (b is (byte)'{' or (byte)'[')
                _depth++;
            else if (b is (byte)'}' or (byte)']' && --_depth == 0)
                _closedAt = _scanned + 1;
        }
    }
}
