namespace RawLlm.Protocols;

/// <summary>Goes over the functions of a request that must be written; those that the kept request before defined too are copied.</summary>
internal ref struct UnkeptTools
{
    private readonly IReadOnlyList<ToolDefinition> _tools;
    private readonly CacheMarks? _marks;
    private KeptRun _kept;
    private int _index = -1;
    private bool _isOpen;

    /// <summary>Begins the list; nothing but its elements may be written until it is at its end.</summary>
    /// <param name="tools">The functions.</param>
    /// <param name="json">Where they are written.</param>
    /// <param name="marks">The marks for the prompt cache, on wires where functions have some.</param>
    public UnkeptTools(IReadOnlyList<ToolDefinition> tools, JsonWriter json, CacheMarks? marks = null)
    {
        _tools = tools;
        _marks = marks;
        _kept = json.Keep(KeptList.Tools);
        marks?.StartTools();
    }

    /// <summary>The function that is to be written now.</summary>
    public readonly ToolDefinition Current => _tools[_index];

    /// <summary>Whether its mark for the prompt cache does not go out.</summary>
    public bool IsUnmarked { get; private set; }

    /// <summary>Goes on to the next one.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="ArgumentException">The function is null.</exception>
    public bool MoveNext()
    {
        if (_isOpen)
            _kept.Close();
        _isOpen = false;
        while (++_index < _tools.Count)
        {
            var tool = _tools[_index];
            IsUnmarked = _marks is not null && _marks.Drops(tool?.Cache);
            if (_kept.Covers(tool, _index, IsUnmarked ? 1 : 0))
                continue;
            if (tool is null)
                RequestErrors.Throw("One of the request's functions is null.");
            _isOpen = true;
            return true;
        }
        _kept.Finish();
        return false;
    }
}
