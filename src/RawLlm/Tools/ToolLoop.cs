using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>Asks a model, runs the tools that it calls, sends back their results, and repeats until the model answers without calls.
/// Immutable and thread-safe.</summary>
/// <remarks>
/// <para>The loop runs only complete calls, and none from an answer that was cut off, filtered, refused or broken off. Such an answer ends
/// the loop, and its <see cref="ChatReply.StopReason"/> says why. Tools that the service itself runs are left to the service; if it pauses
/// a turn, the loop continues it.</para>
/// <para>Tools run on the thread pool, several of one turn at once (<see cref="ToolLoopOptions.MaxParallelCalls"/>). If something goes
/// wrong (an unknown tool, arguments that do not fit, an exception, a timeout), the model receives the error as the call's result.</para>
/// <para>If the model's last message in the conversation has calls without a result, the loop runs these before it asks the model. A run
/// that waits for approval (<see cref="ToolApproval.Defer"/>, <see cref="Tool.NeedsApproval"/>) can thus continue later, even in another
/// process.</para>
/// <para>A <see cref="ToolChoice"/> that forces calls holds until the first turn with calls. After that, it is
/// <see cref="ToolChoice.Auto"/>.</para>
/// </remarks>
public sealed class ToolLoop
{
    private readonly Func<ChatRequest, Spending?, CancellationToken, Task<ChatReply>> _send;
    private readonly Func<ChatRequest, Spending?, CancellationToken, Task<ChatStream>> _open;
    private readonly Action<ChatRequest, bool> _write;

    // Null if the loop asks a chain.
    private readonly LlmClient? _client;

    /// <summary>Creates a loop that asks one client.</summary>
    /// <param name="client">The client to ask; the caller owns and disposes it.</param>
    /// <param name="tools">The tools, such as <c>[weather, clock]</c>.</param>
    /// <param name="options">The loop's limits and hooks; null for the defaults.</param>
    public ToolLoop(LlmClient client, ToolSet tools, ToolLoopOptions? options = null)
        : this(
            tools,
            options,
            (client ?? throw new ArgumentNullException(nameof(client))).Chat.SendWithinAsync,
            client.Chat.StreamWithinAsync,
            client.Requests.Check
        ) => _client = client;

    /// <summary>Creates a loop that asks a fallback chain. Each turn is a new call to the chain.</summary>
    /// <param name="chain">The chain to ask.</param>
    /// <param name="tools">The tools, such as <c>[weather, clock]</c>.</param>
    /// <param name="options">The loop's limits and hooks; null for the defaults.</param>
    public ToolLoop(FallbackChain chain, ToolSet tools, ToolLoopOptions? options = null)
        : this(
            tools,
            options,
            (chain ?? throw new ArgumentNullException(nameof(chain))).SendWithinAsync,
            chain.StreamWithinAsync,
            chain.CheckWriting
        ) { }

    private ToolLoop(
        ToolSet tools,
        ToolLoopOptions? options,
        Func<ChatRequest, Spending?, CancellationToken, Task<ChatReply>> send,
        Func<ChatRequest, Spending?, CancellationToken, Task<ChatStream>> open,
        Action<ChatRequest, bool> write
    )
    {
        ArgumentNullException.ThrowIfNull(tools);
        Tools = tools;
        Options = options ?? ToolLoopOptions.Default;
        _send = send;
        _open = open;
        _write = write;
    }

    /// <summary>The tools.</summary>
    public ToolSet Tools { get; }

    /// <summary>The loop's limits and hooks.</summary>
    public ToolLoopOptions Options { get; }

    /// <summary>Runs until the model answers without calls. A string converts to a request.</summary>
    /// <param name="request">The request. It offers all of <see cref="Tools"/>, or only those that <see cref="ChatRequest.Tools"/> names;
    /// no others are run.</param>
    /// <param name="cancellationToken">Cancels the loop and the running tools.</param>
    /// <exception cref="LlmException">A turn failed, there were too many turns (<see cref="LlmErrorKind.TooManyTurns"/>), or a budget does
    /// not cover another one; <see cref="LlmException.Run"/> holds the run so far.</exception>
    /// <exception cref="ArgumentException">The request offers a tool that the loop does not have, asks for more than one choice, contains a
    /// call without a result that other messages follow, or contains something that the wire cannot carry. In a later turn, the model
    /// learns what the wire cannot carry, or an <see cref="LlmException"/> is thrown.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public Task<ToolRun> RunAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        RunUntilItEndsAsync(request, progress: null, cancellationToken);

    /// <summary>Runs in the same way, and makes the run so far available however the run ends.</summary>
    /// <param name="request">The request, as in the other overload.</param>
    /// <param name="progress">Receives the run so far; use a new object for each run.</param>
    /// <param name="cancellationToken">Cancels the loop and the running tools.</param>
    /// <exception cref="InvalidOperationException">The progress object already belongs to another run.</exception>
    public Task<ToolRun> RunAsync(ChatRequest request, ToolProgress progress, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return RunUntilItEndsAsync(request, progress, cancellationToken);
    }

    private async Task<ToolRun> RunUntilItEndsAsync(ChatRequest request, ToolProgress? progress, CancellationToken cancellationToken)
    {
        var dialogue = new ToolDialogue(Tools, Options, request, _write, _client);
        progress?.Begin(dialogue);
        var spending = Spending.Of(Options.Budget, Options.CallBudget, around: null);
        try
        {
            for (var turn = dialogue.Begin(stream: false); ; )
            {
                if (turn is not null)
                {
                    await turn.RunAsync(notes: null, cancellationToken).ConfigureAwait(false);
                    dialogue.EndTurn();
                    await dialogue.EndIfStoppedAsync(cancellationToken).ConfigureAwait(false);
                }
                if (dialogue.IsEnded)
                {
                    if (TelemetrySwitch.IsSupported)
                        dialogue.Telemetry?.End(Outcome.Done);
                    return dialogue.Run!;
                }
                turn = dialogue.Add(
                    await dialogue.AskAsync(asked => _send(asked, spending, cancellationToken), cancellationToken).ConfigureAwait(false)
                );
            }
        }
        catch (Exception e)
        {
            if (TelemetrySwitch.IsSupported)
                dialogue.Telemetry?.Fail(e);
            if (e is LlmException known && dialogue.Run is { } run)
                throw known.With(run: run, outputCommitted: true);
            throw;
        }
    }

    /// <summary>Runs in the same way and returns the events of every turn as they arrive. Nothing is sent before the first read.</summary>
    /// <param name="request">The request, as in <see cref="RunAsync(ChatRequest, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Cancels the loop and the running tools; <see cref="ToolStream.Run"/> keeps the run up to that
    /// point.</param>
    /// <exception cref="ArgumentException">The request offers a tool that the loop does not have, asks for more than one choice, or
    /// contains a call without a result that other messages follow.</exception>
    public ToolStream Stream(ChatRequest request, CancellationToken cancellationToken = default)
    {
        var spending = Spending.Of(Options.Budget, Options.CallBudget, around: null);
        return new(
            new ToolDialogue(Tools, Options, request, _write, _client),
            (asked, token) => _open(asked, spending, token),
            cancellationToken
        );
    }
}
