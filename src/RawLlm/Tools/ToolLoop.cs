using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>Asks a model, runs the functions that it calls, sends back what they gave, and asks again until it answers without calls. Immutable and thread-safe.</summary>
/// <remarks>
/// <para>Only complete calls are run, and none of an answer that was cut off, filtered, refused or broken off; these end the loop, and
/// <see cref="ChatReply.StopReason"/> says why. What a service runs itself is the service's own; a turn that it paused goes on.</para>
/// <para>Functions run on the thread pool, several of one turn at once (<see cref="ToolLoopOptions.ParallelCalls"/>). Whatever goes wrong with one
/// (no such function, arguments that do not fit, an exception, too much time) is told to the model as the call's result.</para>
/// <para>A conversation whose last message of the model has calls without a result goes on with these: they are run before the model is asked. So a run that
/// waits for somebody (<see cref="ToolApproval.Defer"/>, <see cref="Tool.NeedsApproval"/>) goes on, in another process too.</para>
/// <para>A <see cref="ToolChoice"/> that forces calls holds until the first turn with calls, and is <see cref="ToolChoice.Auto"/> from then on.</para>
/// </remarks>
public sealed class ToolLoop
{
    private readonly Func<ChatRequest, Spending?, CancellationToken, Task<ChatReply>> _send;
    private readonly Func<ChatRequest, Spending?, CancellationToken, Task<ChatStream>> _open;
    private readonly Action<ChatRequest, bool> _write;

    // Whom it asks, where that is one alone.
    private readonly LlmClient? _client;

    /// <summary>Makes a loop that asks one client.</summary>
    /// <param name="client">Whom to ask; the caller's, who disposes it.</param>
    /// <param name="tools">The functions, as in <c>[weather, clock]</c>.</param>
    /// <param name="options">What the loop may do; the defaults when null.</param>
    public ToolLoop(LlmClient client, ToolSet tools, ToolLoopOptions? options = null)
        : this(tools, options, (client ?? throw new ArgumentNullException(nameof(client))).Chat.SendWithinAsync, client.Chat.StreamWithinAsync, client.Requests.Check) => _client = client;

    /// <summary>Makes a loop that asks a chain of clients, anew for each turn.</summary>
    /// <param name="chain">Whom to ask.</param>
    /// <param name="tools">The functions, as in <c>[weather, clock]</c>.</param>
    /// <param name="options">What the loop may do; the defaults when null.</param>
    public ToolLoop(FallbackChain chain, ToolSet tools, ToolLoopOptions? options = null)
        : this(tools, options, (chain ?? throw new ArgumentNullException(nameof(chain))).SendWithinAsync, chain.StreamWithinAsync, chain.CheckWriting)
    {
    }

    private ToolLoop(ToolSet tools, ToolLoopOptions? options, Func<ChatRequest, Spending?, CancellationToken, Task<ChatReply>> send, Func<ChatRequest, Spending?, CancellationToken, Task<ChatStream>> open, Action<ChatRequest, bool> write)
    {
        ArgumentNullException.ThrowIfNull(tools);
        Tools = tools;
        Options = options ?? ToolLoopOptions.Default;
        _send = send;
        _open = open;
        _write = write;
    }

    /// <summary>The functions.</summary>
    public ToolSet Tools { get; }

    /// <summary>What the loop may do.</summary>
    public ToolLoopOptions Options { get; }

    /// <summary>Runs until the model answers without calls. A text converts to a request of its own.</summary>
    /// <param name="request">What to ask. It offers all functions of <see cref="Tools"/>, or those of them that <see cref="ChatRequest.Tools"/> names, and only these are run.</param>
    /// <param name="cancellationToken">Ends the loop and the functions that run.</param>
    /// <exception cref="LlmException">A turn failed, or there were too many (<see cref="LlmErrorKind.TooManyTurns"/>), or a budget does not cover another one; <see cref="LlmException.Run"/> holds what was said before.</exception>
    /// <exception cref="ArgumentException">The request offers a function that nothing runs, asks for several answers side by side, or holds something that the wire cannot carry. What it cannot carry of a later turn is told to the model, or is an <see cref="LlmException"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ToolRun> RunAsync(ChatRequest request, CancellationToken cancellationToken = default) => RunUntilItEndsAsync(request, progress: null, cancellationToken);

    /// <summary>Runs in the same way, and lets the caller have what was said so far, however the run ends.</summary>
    /// <param name="request">What to ask, as in the other form.</param>
    /// <param name="progress">Has what was said so far, of this run alone.</param>
    /// <param name="cancellationToken">Ends the loop and the functions that run.</param>
    /// <exception cref="InvalidOperationException">The progress is that of another run.</exception>
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
            for (var turn = dialogue.Begin(stream: false); ;)
            {
                if (turn is not null)
                {
                    await turn.RunAsync(notes: null, cancellationToken).ConfigureAwait(false);
                    dialogue.EndTurn();
                }
                if (dialogue.IsEnded)
                {
                    if (TelemetrySwitch.IsSupported)
                        dialogue.Telemetry?.End(Outcome.Done);
                    return dialogue.Run!;
                }
                turn = dialogue.Add(await dialogue.AskAsync(asked => _send(asked, spending, cancellationToken), cancellationToken).ConfigureAwait(false));
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

    /// <summary>Runs in the same way and gives the events of every turn as they arrive. Nothing is asked before the first read.</summary>
    /// <param name="request">What to ask, as in <see cref="RunAsync(ChatRequest, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the loop and the functions that run; <see cref="ToolStream.Run"/> keeps what was said until then.</param>
    /// <exception cref="ArgumentException">The request offers a function that nothing runs, or asks for several answers side by side.</exception>
    public ToolStream Stream(ChatRequest request, CancellationToken cancellationToken = default)
    {
        var spending = Spending.Of(Options.Budget, Options.CallBudget, around: null);
        return new(new ToolDialogue(Tools, Options, request, _write, _client), (asked, token) => _open(asked, spending, token), cancellationToken);
    }
}
