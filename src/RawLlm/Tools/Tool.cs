using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>
/// A tool that the model may call, with the code that runs it. Immutable, and as thread-safe as that code: several calls may run at once.
/// </summary>
/// <remarks><see cref="ToolAttribute"/> turns methods into tools at compile time.</remarks>
public sealed class Tool
{
    private readonly Func<ToolCall, CancellationToken, ValueTask<ToolOutput>> _run;

    /// <summary>Creates a tool from a delegate that receives the call unchanged.</summary>
    /// <param name="definition">What the model learns about the tool.</param>
    /// <param name="run">Runs a complete call. If it throws <see cref="ToolArgumentException"/>, the model receives that exception's
    /// message; of any other exception it learns only that the tool failed.</param>
    public Tool(ToolDefinition definition, Func<ToolCall, CancellationToken, ValueTask<ToolOutput>> run)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentException.ThrowIfNullOrWhiteSpace(definition.Name, nameof(definition));
        ArgumentNullException.ThrowIfNull(run);
        Definition = definition;
        _run = run;
    }

    private Tool(Tool tool, bool needsApproval, TimeSpan? timeout)
        : this(tool.Definition, tool._run)
    {
        NeedsApproval = needsApproval;
        Timeout = timeout;
    }

    /// <summary>What the model learns about the tool.</summary>
    public ToolDefinition Definition { get; }

    /// <summary>Whether each call must be approved before it runs. The default is false. The model does not see this.</summary>
    /// <remarks>If <see cref="ToolLoopOptions.Approve"/> is set, it decides about these calls as about all others. If not, they wait as
    /// with <see cref="ToolApproval.Defer"/>, until <see cref="ToolLoopOptions.Decisions"/> has the answer. <see cref="RunAsync"/> does not
    /// check approval.</remarks>
    public bool NeedsApproval { get; }

    /// <summary>How long a loop lets one call run; null for <see cref="ToolLoopOptions.CallTimeout"/>. <see cref="RunAsync"/> has no
    /// timeout.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>The tool's name.</summary>
    public string Name => Definition.Name;

    /// <summary>Creates a tool from a synchronous function that returns text.</summary>
    /// <param name="definition">What the model learns about the tool.</param>
    /// <param name="run">Takes the arguments and returns the text of the result.</param>
    [OverloadResolutionPriority(2)]
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, string> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, (call, _) => new(ToolOutput.Of(run(Read(call)))));
    }

    /// <summary>Creates a tool from an asynchronous function that returns text and cannot be canceled.</summary>
    /// <param name="definition">What the model learns about the tool.</param>
    /// <param name="run">Takes the arguments and returns the text of the result. If the loop is canceled or the call times out, the
    /// function keeps running and its result is ignored.</param>
    [OverloadResolutionPriority(1)]
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, Task<string>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, async (call, _) => ToolOutput.Of(await run(Read(call)).ConfigureAwait(false)));
    }

    /// <summary>Creates a tool from an asynchronous function that returns text.</summary>
    /// <param name="definition">What the model learns about the tool.</param>
    /// <param name="run">Takes the arguments and a token that is canceled with the loop or when the call times out, and returns the text of
    /// the result.</param>
    [OverloadResolutionPriority(1)]
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, CancellationToken, Task<string>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(
            definition,
            async (call, cancellationToken) => ToolOutput.Of(await run(Read(call), cancellationToken).ConfigureAwait(false))
        );
    }

    /// <summary>Creates a tool from a synchronous function whose result can be more than text, or an error.</summary>
    /// <param name="definition">What the model learns about the tool.</param>
    /// <param name="run">Takes the arguments and returns the result.</param>
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, ToolOutput> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, (call, _) => new(run(Read(call))));
    }

    /// <summary>
    /// Creates a tool from an asynchronous function that cannot be canceled and whose result can be more than text, or an error.
    /// </summary>
    /// <param name="definition">What the model learns about the tool.</param>
    /// <param name="run">Takes the arguments and returns the result. If the loop is canceled or the call times out, the function keeps
    /// running and its result is ignored.</param>
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, Task<ToolOutput>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, async (call, _) => await run(Read(call)).ConfigureAwait(false));
    }

    /// <summary>Creates a tool from an asynchronous function whose result can be more than text, or an error.</summary>
    /// <param name="definition">What the model learns about the tool.</param>
    /// <param name="run">Takes the arguments and a token that is canceled with the loop or when the call times out, and returns the
    /// result.</param>
    public static Tool Create(ToolDefinition definition, Func<ToolArguments, CancellationToken, Task<ToolOutput>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(definition, async (call, cancellationToken) => await run(Read(call), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Returns the same tool with <see cref="NeedsApproval"/> set: each call must be approved before it runs.</summary>
    public Tool WithApproval() => NeedsApproval ? this : new(this, needsApproval: true, Timeout);

    /// <summary>Returns the same tool with its own <see cref="Timeout"/>, for one that takes longer than the others, or less
    /// long.</summary>
    /// <param name="timeout">More than zero and at most 24 days, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</param>
    public Tool WithTimeout(TimeSpan timeout) => new(this, NeedsApproval, CheckTimeout(timeout, nameof(timeout)));

    /// <summary>Runs a call.</summary>
    /// <exception cref="ArgumentException">The call names another tool.</exception>
    /// <exception cref="InvalidOperationException">The call is incomplete: it was cut off, or its arguments are not JSON.</exception>
    public ValueTask<ToolOutput> RunAsync(ToolCall call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Name != Name)
            throw new ArgumentException($"The call is for the tool \"{call.Name}\", not for \"{Name}\".", nameof(call));
        if (!call.IsComplete)
        {
            throw new InvalidOperationException(
                "The call is incomplete (it was cut off, or its arguments are not JSON) and cannot be run."
            );
        }

        return _run(call, cancellationToken);
    }

    /// <summary>Returns the tool's name.</summary>
    public override string ToString() => Name;

    internal static TimeSpan CheckTimeout(TimeSpan value, string name) =>
        (value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue) || value == System.Threading.Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(
                name,
                "A tool's timeout must be positive and at most 24 days, or Timeout.InfiniteTimeSpan."
            );

    private static ToolArguments Read(ToolCall call)
    {
        var arguments = call.ReadArguments();
        return arguments.Quirk is { Kind: QuirkKind.ToolArgumentsUnreadable }
            ? throw new ToolArgumentException("The arguments are not a JSON object.")
            : arguments;
    }
}
