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

    /// <summary>Whether a call may run only once somebody has allowed it: for <see cref="ToolLoopOptions.Approve"/>, which is asked about all calls.</summary>
    /// <returns>What <see cref="Tool.NeedsApproval"/> says of the call's tool; true where the set has none of that name.</returns>
    public bool NeedsApproval(ToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return !TryGet(call.Name, out var tool) || tool.NeedsApproval;
    }

    /// <summary>Runs one call by itself, as a loop would: on the thread pool, within its time, and whatever goes wrong is told in the result.</summary>
    /// <param name="call">The call.</param>
    /// <param name="options">Whom to ask, how long it may take and what is told of failures; the defaults when null. A call that <see cref="ToolLoopOptions.Approve"/> defers, or whose tool needs approval where nobody is asked, is not run, and told so.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What became of it; <see cref="Message.ToolResults"/> takes its <see cref="ToolInvocation.Result"/>. Where an incomplete call comes from is not known: it is not run, nor repaired.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled. What a hook throws is the caller's too.</exception>
    public async Task<ToolInvocation> InvokeAsync(ToolCall call, ToolLoopOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        var turn = new ToolTurn(options ?? ToolLoopOptions.Default, this, turn: 0, [call]);
        await turn.RunAsync(notes: null, cancellationToken).ConfigureAwait(false);
        foreach (var ended in turn.Ended)
            return ended;
        return new(0, call, new ToolResultPart(call.Id, "The call waits for a decision and was not run.") { Name = call.Name, IsError = true });
    }

    /// <inheritdoc/>
    public IEnumerator<Tool> GetEnumerator() => ((IEnumerable<Tool>)_tools).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
