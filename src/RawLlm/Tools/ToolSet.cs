using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>Tools by name, each name once. Immutable; <c>[weather, clock]</c> makes one.</summary>
[CollectionBuilder(typeof(ToolSet), nameof(Create))]
public sealed class ToolSet : IReadOnlyCollection<Tool>
{
    private readonly Tool[] _tools;
    private readonly Dictionary<string, Tool> _byName;

    private ToolSet(Tool[] tools)
    {
        _tools = tools;
        _byName = new(tools.Length, StringComparer.Ordinal);
        foreach (var tool in tools)
        {
            ArgumentNullException.ThrowIfNull(tool, nameof(tools));
            if (!_byName.TryAdd(tool.Name, tool))
                throw new ArgumentException($"There are two tools of the name \"{tool.Name}\".", nameof(tools));
        }
        Definitions = Array.AsReadOnly(Array.ConvertAll(tools, tool => tool.Definition));
    }

    /// <summary>A set of no tools.</summary>
    public static ToolSet Empty { get; } = new([]);

    /// <summary>What the model is told of each, in order; the same list each time, so that what was written of it is kept.</summary>
    public IReadOnlyList<ToolDefinition> Definitions { get; }

    /// <inheritdoc/>
    public int Count => _tools.Length;

    /// <summary>Makes a set.</summary>
    /// <exception cref="ArgumentException">Two tools have the same name, or one is null.</exception>
    public static ToolSet Create(params ReadOnlySpan<Tool> tools) => new(tools.ToArray());

    /// <summary>A set of these tools and others behind them.</summary>
    /// <exception cref="ArgumentException">A name would be there twice.</exception>
    public ToolSet With(params IEnumerable<Tool> tools) => new([.. _tools, .. tools]);

    /// <summary>Finds a tool by its exact name.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Tool tool) => _byName.TryGetValue(name, out tool);

    /// <inheritdoc/>
    public IEnumerator<Tool> GetEnumerator() => ((IEnumerable<Tool>)_tools).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
