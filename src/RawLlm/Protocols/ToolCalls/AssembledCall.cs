namespace RawLlm.Protocols;

/// <summary>A function call on its way: what is known of it so far.</summary>
internal sealed class AssembledCall(ToolCallAssembler calls, int choice, int part) : PieceTarget(StreamEventKind.ToolArguments, choice, part)
{
    /// <summary>The wire's number of the call; -1 when it gave none.</summary>
    public required int WireIndex { get; init; }

    /// <summary>As in <see cref="ToolCallDelta.Position"/>, of what began the call.</summary>
    public required int Position { get; init; }

    /// <summary>The id that the service gave, before it was made unique.</summary>
    public string? WireId;
    public PooledBytes Arguments;
    public bool IsStarted;

    /// <summary>True where the arguments are any text, and no JSON.</summary>
    public bool IsCustom;

    /// <summary>How many bytes of the arguments have been given out as fragments.</summary>
    public int Given;

    /// <summary>Where the last fragment of the arguments begins.</summary>
    public int LastAt { get; private set; }

    /// <summary>How long the first fragment of the arguments was.</summary>
    public int FirstLength { get; private set; }

    private int _scanned;
    private int _depth;
    private int _closedAt;
    private bool? _isWhole;
    private bool _isInString;
    private bool _isEscaped;

    /// <summary>True when the arguments are one JSON object as they stand.</summary>
    /// <remarks>
    /// Asked for with every fragment of services that repeat the name: a scan that goes on where it stopped tells where the object
    /// closes, so that it is read but once and the cost grows with the length of the arguments and not with its square.
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

    /// <summary>Takes note of a fragment of the arguments, the last of what is there.</summary>
    /// <param name="start">Where it begins.</param>
    public void NoteFragment(int start)
    {
        LastAt = start;
        if (start == 0)
            FirstLength = Arguments.Length;
    }

    /// <summary>Takes the id that the service gave.</summary>
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
