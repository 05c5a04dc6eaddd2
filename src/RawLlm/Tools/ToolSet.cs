using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>A set of tools with unique names. Immutable; <c>[weather, clock]</c> creates one.</summary>
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
                throw new ArgumentException($"Two tools have the name \"{tool.Name}\": give each tool its own name.", nameof(tools));
        }
        Definitions = Array.AsReadOnly(Array.ConvertAll(tools, tool => tool.Definition));
    }

    /// <summary>The empty set.</summary>
    public static ToolSet Empty { get; } = new([]);

    /// <summary>What the model learns about each tool, in order. Always the same list, so that its kept bytes stay valid.</summary>
    public IReadOnlyList<ToolDefinition> Definitions { get; }

    /// <inheritdoc/>
    public int Count => _tools.Length;

    /// <summary>Creates a set.</summary>
    /// <exception cref="ArgumentException">Two tools have the same name, or one is null.</exception>
    public static ToolSet Create(params ReadOnlySpan<Tool> tools) => new(tools.ToArray());

    /// <summary>Returns a set of these tools followed by others.</summary>
    /// <exception cref="ArgumentException">Two tools have the same name, or one is null.</exception>
    public ToolSet With(params IEnumerable<Tool> tools) => new([.. _tools, .. tools]);

    /// <summary>Finds a tool by its exact name.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out Tool tool) => _byName.TryGetValue(name, out tool);

    /// <summary>
    /// Whether a call must be approved before it runs. For <see cref="ToolLoopOptions.Approve"/>, which is called for all calls.
    /// </summary>
    /// <returns>The <see cref="Tool.NeedsApproval"/> of the call's tool; true if the set has no tool of that name.</returns>
    public bool NeedsApproval(ToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return !TryGet(call.Name, out var tool) || tool.NeedsApproval;
    }

    /// <summary>Runs one call on its own, as a loop would: on the thread pool and with a timeout. The result reports any failure.</summary>
    /// <param name="call">The call.</param>
    /// <param name="options">Approval, timeout and error texts; null for the defaults. A call that waits for a decision
    /// (<see cref="ToolApproval.Defer"/>, or <see cref="Tool.NeedsApproval"/> without <see cref="ToolLoopOptions.Approve"/> and
    /// <see cref="ToolLoopOptions.Decisions"/>) is not run, and its result says so.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The outcome; pass its <see cref="ToolInvocation.Result"/> to <see cref="Message.ToolResults"/>. An incomplete call is
    /// neither run nor repaired, because it may have been cut off.</returns>
    /// <exception cref="OperationCanceledException">The token was canceled. Exceptions from hooks also go to the caller
    /// unchanged.</exception>
    public async Task<ToolInvocation> InvokeAsync(
        ToolCall call,
        ToolLoopOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(call);
        var turn = new ToolTurn(options ?? ToolLoopOptions.Default, this, turn: 0, [call], started: 0);
        await turn.RunAsync(notes: null, cancellationToken).ConfigureAwait(false);
        foreach (var ended in turn.Ended)
            return ended;
        return new(
            0,
            call,
            new ToolResultPart(call.Id, "The call waits for a decision and was not run.") { Name = call.Name, IsError = true }
        );
    }

    /// <inheritdoc/>
    public IEnumerator<Tool> GetEnumerator() => ((IEnumerable<Tool>)_tools).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
