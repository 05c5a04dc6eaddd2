namespace RawLlm.Protocols;

/// <summary>Enumerates the tools of a request that must be written; those that the kept request also defined are copied.</summary>
internal ref struct UnkeptTools
{
    private readonly IReadOnlyList<ToolDefinition> _tools;
    private readonly CacheMarks? _marks;
    private KeptRun _run;
    private int _index = -1;
    private bool _isOpen;
    private bool _hasWritten;

    /// <summary>Starts the list. Only its elements may be written until the end.</summary>
    /// <param name="tools">The tools.</param>
    /// <param name="json">Receives the list.</param>
    /// <param name="marks">The prompt caching marks, on wires where tools have them; otherwise null.</param>
    public UnkeptTools(IReadOnlyList<ToolDefinition> tools, JsonWriter json, CacheMarks? marks = null)
    {
        _tools = tools;
        _marks = marks;
        _run = json.BeginKeptList(KeptList.Tools);
        marks?.StartTools();
    }

    /// <summary>The tool to write now.</summary>
    public readonly ToolDefinition Current => _tools[_index];

    /// <summary>Whether its prompt caching mark is not sent.</summary>
    public bool IsUnmarked { get; private set; }

    /// <summary>Moves to the next tool.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="ArgumentException">The tool is null, or an earlier one has its name.</exception>
    public bool MoveNext()
    {
        if (_isOpen)
            _run.Close();
        _isOpen = false;
        while (++_index < _tools.Count)
        {
            var tool = _tools[_index];
            IsUnmarked = _marks is not null && _marks.DropsNext(tool?.Cache);
            bool isKept = _run.TryReuse(tool, _index, IsUnmarked ? 1 : 0);
            // Kept tools have names of their own, as long as no other tool comes before them.
            if (isKept && !_hasWritten)
                continue;
            if (tool is null)
                RequestErrors.Throw("One of the request's tools is null.");
            CheckName(tool.Name);
            if (isKept)
                continue;
            _isOpen = _hasWritten = true;
            return true;
        }
        _run.Finish();
        return false;
    }

    // Requests have few tools: a set of their names would cost more than the comparisons.
    private readonly void CheckName(string name)
    {
        for (int i = 0; i < _index; i++)
        {
            if (_tools[i].Name == name)
                RequestErrors.ThrowSameName(name);
        }
    }
}
