using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>A function that the model may call, and what runs it. Immutable, and as thread-safe as the function is: several calls may run at once.</summary>
/// <remarks>Methods become tools at compile time with <see cref="ToolAttribute"/>.</remarks>
public sealed class Tool
{
    private readonly Func<ToolCall, CancellationToken, ValueTask<ToolOutput>> _run;

    /// <summary>Makes a tool of a function that takes the call as it came.</summary>
    /// <param name="definition">What the model is told.</param>
    /// <param name="run">Runs a complete call. <see cref="ToolArgumentException"/> says that the arguments do not fit; the model is told its message, and of any other exception only that there was one.</param>
    public Tool(ToolDefinition definition, Func<ToolCall, CancellationToken, ValueTask<ToolOutput>> run)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentException.ThrowIfNullOrWhiteSpace(definition.Name, nameof(definition));
        ArgumentNullException.ThrowIfNull(run);
        Definition = definition;
        _run = run;
    }

    private Tool(Tool tool, bool needsApproval)
        : this(tool.Definition, tool._run) => NeedsApproval = needsApproval;

    /// <summary>What the model is told.</summary>
    public ToolDefinition Definition { get; }

    /// <summary>True where a call may run only once somebody has allowed it; false unless it was said. The model is not told.</summary>
    /// <remarks><see cref="ToolLoopOptions.Approve"/>, where there is one, decides about these calls as about all others; where there is none, they wait as with <see cref="ToolApproval.Defer"/>. <see cref="RunAsync"/> asks nobody.</remarks>
    public bool NeedsApproval { get; }

    /// <summary>The function's name.</summary>
    public string Name => Definition.Name;

    /// <summary>Makes a tool of a function that answers at once.</summary>
    /// <param name="definition">What the model is told.</param>
    /// <param name="run">Takes the arguments and gives the result's text.</param>
    [OverloadResolutionPriority(2)]
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, string> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, (call, _) => new(ToolOutput.Of(run(Read(call)))));
    }

    /// <summary>Makes a tool of a function that takes its time and cannot be cancelled.</summary>
    /// <param name="definition">What the model is told.</param>
    /// <param name="run">Takes the arguments and gives the result's text. It is left behind where the loop is cancelled or the call takes too long.</param>
    [OverloadResolutionPriority(1)]
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, Task<string>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, async (call, _) => ToolOutput.Of(await run(Read(call)).ConfigureAwait(false)));
    }

    /// <summary>Makes a tool of a function that takes its time.</summary>
    /// <param name="definition">What the model is told.</param>
    /// <param name="run">Takes the arguments and a token that is cancelled with the loop's and when the call takes too long, and gives the result's text.</param>
    [OverloadResolutionPriority(1)]
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, CancellationToken, Task<string>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, async (call, cancellationToken) => ToolOutput.Of(await run(Read(call), cancellationToken).ConfigureAwait(false)));
    }

    /// <summary>Makes a tool of a function that answers at once, with more than text, or that it failed.</summary>
    /// <param name="definition">What the model is told.</param>
    /// <param name="run">Takes the arguments and gives the result.</param>
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, ToolOutput> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, (call, _) => new(run(Read(call))));
    }

    /// <summary>Makes a tool of a function that takes its time and cannot be cancelled, and gives more than text, or that it failed.</summary>
    /// <param name="definition">What the model is told.</param>
    /// <param name="run">Takes the arguments and gives the result. It is left behind where the loop is cancelled or the call takes too long.</param>
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, Task<ToolOutput>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, async (call, _) => await run(Read(call)).ConfigureAwait(false));
    }

    /// <summary>Makes a tool of a function that takes its time, and gives more than text, or that it failed.</summary>
    /// <param name="definition">What the model is told.</param>
    /// <param name="run">Takes the arguments and a token that is cancelled with the loop's and when the call takes too long, and gives the result.</param>
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, CancellationToken, Task<ToolOutput>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, async (call, cancellationToken) => await run(Read(call), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The same tool, with calls that may run only once somebody has allowed them (<see cref="NeedsApproval"/>).</summary>
    public Tool WithApproval() => NeedsApproval ? this : new(this, needsApproval: true);

    /// <summary>Runs a call.</summary>
    /// <exception cref="ArgumentException">The call is of another function.</exception>
    /// <exception cref="InvalidOperationException">The call is incomplete: it was cut off, or its arguments are not JSON.</exception>
    public ValueTask<ToolOutput> RunAsync(ToolCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Name != Name)
            throw new ArgumentException($"The call is of the function \"{call.Name}\", not of \"{Name}\".", nameof(call));
        if (!call.IsComplete)
            throw new InvalidOperationException("A call that is incomplete must not be run.");
        return _run(call, cancellationToken);
    }

    /// <summary>The function's name.</summary>
    public override string ToString() => Name;

    private static ToolArguments Read(ToolCall call)
    {
        var arguments = call.ReadArguments();
        return arguments.Quirk is { Kind: QuirkKind.ToolArgumentsUnreadable } ? throw new ToolArgumentException("The arguments are not a JSON object.") : arguments;
    }
}
