using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>
/// What one run of a loop has added to the conversation, and the request of the next turn. Messages that were sent never change, so their
/// kept bytes stay valid.
/// </summary>
internal sealed class ToolDialogue
{
    private readonly ToolLoopOptions _options;
    private readonly ToolSet _all;
    private readonly Action<ChatRequest, bool> _write;
    private readonly LlmClient? _client;
    private readonly List<ChatReply> _replies = [];
    private readonly List<Message> _messages = [];
    private readonly List<ToolInvocation> _invocations = [];

    // The run may be read on another thread than the one that runs it.
    private readonly Lock _lock = new();
    private IReadOnlyList<ToolCall> _pending = [];
    private ToolSet _tools;

    // The request that the next turn continues from, and how many of the messages it already contains.
    private ChatRequest _request;
    private int _asked;
    private ToolTurn? _running;
    private bool _isStream;
    private bool _hasBegun;

    public ToolDialogue(ToolSet tools, ToolLoopOptions options, ChatRequest request, Action<ChatRequest, bool> write, LlmClient? client)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(request.Tools);
        CheckChoices(request);
        CheckResults(request);
        _options = options;
        _write = write;
        _client = client;
        _all = tools;
        _tools = request.Tools.Count == 0 ? tools : Offered(tools, request);
        _request = request.Tools.Count == 0 ? request with { Tools = tools.Definitions } : request;
    }

    /// <summary>Whether the run has ended: the model answered without calls to run, calls wait for a decision, or the caller's hook ended
    /// it.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The telemetry of the run; usually null, because nothing listens.</summary>
    public ToolTelemetry? Telemetry
    {
        get => TelemetrySwitch.IsSupported ? field : null;
        private set;
    }

    /// <summary>
    /// The number of the current turn, from 1; 0 before the first turn, while calls run that the conversation already contained.
    /// </summary>
    public int Turn { get; private set; }

    /// <summary>The run so far; null if it is empty. A call that is still running has a result that says so.</summary>
    public ToolRun? Run
    {
        get
        {
            lock (_lock)
            {
                if (_running?.Seen() is not { } turn)
                {
                    return _messages.Count == 0 && _pending.Count == 0
                        ? null
                        : new([.. _replies], [.. _messages], [.. _invocations]) { Pending = _pending };
                }

                List<Message> messages = [.. _messages];
                if (turn.Number > 0)
                    messages[^1] = turn.AsRun(messages[^1]);
                return new([.. _replies], [.. messages, turn.Interrupted()], [.. _invocations, .. turn.Ended]);
            }
        }
    }

    /// <summary>Starts with the calls that the conversation already contains without a result. Has an effect only once.</summary>
    /// <param name="stream">Whether the answers are streamed.</param>
    /// <returns>The turn that runs these calls; null if there are none.</returns>
    /// <exception cref="ArgumentException">The wire cannot carry the request.</exception>
    public ToolTurn? Begin(bool stream)
    {
        if (_hasBegun)
            return null;
        _hasBegun = true;
        _isStream = stream;
        if (TelemetrySwitch.IsSupported)
            Telemetry = ToolTelemetry.BeginLoop(_client, _request);
        var calls = Unanswered(_request.Messages);
        if (calls.Count == 0)
            return null;
        // Before a tool runs: a request that the wire cannot carry is still the caller's mistake.
        _write(_request, stream);
        StopForcing();
        lock (_lock)
            return _running = new ToolTurn(_options, _tools, turn: 0, calls, started: 0) { Telemetry = Telemetry };
    }

    /// <summary>Starts the next turn. From then on, results that the wire cannot carry are replaced with errors that say so.</summary>
    /// <param name="ask">Sends the request; an <see cref="ArgumentException"/> means that the request cannot be written.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="LlmException">The request of a later turn cannot be written for another reason.</exception>
    public async Task<T> AskAsync<T>(Func<ChatRequest, Task<T>> ask, CancellationToken cancellationToken)
    {
        Turn++;
        // Makes the turn's activities children of the loop's; the caller's activity is current again when this method returns.
        if (TelemetrySwitch.IsSupported)
            Telemetry?.Enter();
        while (true)
        {
            var request = Next();
            // An exception from the hook goes to the caller unchanged.
            var prepared = _options.Prepare is { } prepare
                ? await ToolHook.AskAsync(() => prepare(request, Turn, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false)
                : request;
            try
            {
                if (!ReferenceEquals(prepared, request))
                    Apply(prepared, request);
                var answer = await ask(prepared).ConfigureAwait(false);
                (_request, _asked) = (prepared, _messages.Count);
                return answer;
            }
            catch (ArgumentException e) when (_messages.Count > 0)
            {
                // Tools have run: their results must not be lost, and the caller did not write this request.
                if (!TryReplaceResults())
                {
                    throw new LlmException(LlmErrorKind.InvalidConfiguration, $"The request of turn {Turn} cannot be sent: {TextOf(e)}", e)
                    {
                        Phase = LlmPhase.Configure,
                    };
                }
            }
        }
    }

    /// <summary>Adds an answer.</summary>
    /// <returns>The turn that runs the answer's calls; null if there are none to run.</returns>
    /// <exception cref="LlmException">The turn limit is reached, but the answer is not final.</exception>
    public ToolTurn? Add(ChatReply reply)
    {
        var calls = reply.ToolCalls;
        // An unknown stop reason is read as ToolUse if the answer has calls.
        if (reply.StopReason != StopReason.Paused && (reply.StopReason != StopReason.ToolUse || calls.Count == 0))
        {
            // A whole answer was looked at when it arrived.
            AddReply(
                _isStream && _request.Tools.Count > 0 ? UnparsedCall.Note(reply) : reply,
                calls,
                "The call was not run, because the answer was incomplete."
            );
            IsEnded = true;
            return null;
        }
        // With the hook, the run may end well after these calls.
        if (Turn >= _options.MaxTurns && (_options.StopWhen is null || calls.Count == 0))
        {
            AddReply(reply, calls, "The call was not run, because no more turns are allowed.");
            throw TooManyTurns(reply);
        }
        var turn = calls.Count == 0 ? null : new ToolTurn(_options, _tools, Turn, calls, Started()) { Telemetry = Telemetry };
        if (turn is not null)
            StopForcing();
        // Both under one lock: otherwise a reader of the run could see calls without results.
        lock (_lock)
        {
            AddReply(reply);
            return _running = turn;
        }
    }

    /// <summary>Adds the results of the calls once all of them have ended or wait.</summary>
    public void EndTurn()
    {
        if (_running is not { } turn)
            return;
        lock (_lock)
        {
            if (turn.Number > 0)
                _messages[^1] = turn.AsRun(_messages[^1]);
            if (turn.Results() is { } results)
                _messages.Add(results);
            _invocations.AddRange(turn.Ended);
            _pending = turn.Deferred;
            _running = null;
        }
        if (_pending.Count > 0)
            Stop();
    }

    /// <summary>Asks the caller's hook whether the run ends here; call it after <see cref="EndTurn"/>.</summary>
    /// <exception cref="LlmException">It does not, but the turn limit is reached.</exception>
    public async ValueTask EndIfStoppedAsync(CancellationToken cancellationToken)
    {
        if (_options.StopWhen is not { } stopWhen || IsEnded || Run is not { } run)
            return;
        if (await ToolHook.AskAsync(() => stopWhen(run, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false))
            Stop();
        else if (Turn >= _options.MaxTurns)
            throw TooManyTurns(_replies[^1]);
    }

    private LlmException TooManyTurns(ChatReply reply) =>
        new(
            LlmErrorKind.TooManyTurns,
            $"The model is not done after {Turn} turns. Raise ToolLoopOptions.MaxTurns, or continue from LlmException.Run."
        )
        {
            Phase = LlmPhase.Done,
            Provider = reply.Provider,
            Model = reply.Model,
        };

    // The conversation may be stored as it is now; later, nothing could tell which result cannot be sent.
    private void Stop()
    {
        IsEnded = true;
        TryReplaceResults();
    }

    private int Started()
    {
        int started = 0;
        foreach (var invocation in _invocations)
            started += invocation.HasRun ? 1 : 0;
        return started;
    }

    // A model that is forced to call a tool in every turn never answers.
    private void StopForcing()
    {
        if (_request.ToolChoice?.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named)
            _request = _request with { ToolChoice = ToolChoice.Auto };
    }

    // The calls of the model's last message, if only results follow it.
    private static List<ToolCall> Unanswered(IReadOnlyList<Message>? messages)
    {
        var calls = new List<ToolCall>();
        int last = (messages?.Count ?? 0) - 1;
        while (last >= 0 && messages![last] is { Role: Role.Tool })
            last--;
        if (last < 0 || messages![last] is not { Role: Role.Assistant, Parts: { } parts })
            return calls;
        foreach (var part in parts)
        {
            if (part is ToolCallPart { Call: { } call } && !IsAnswered(messages, last, call.Id))
                calls.Add(call);
        }
        return calls;
    }

    // No service accepts a call without a result before the next message, and each says so in its own words.
    private static void CheckResults(ChatRequest request)
    {
        var messages = request.Messages;
        for (int i = 0; i < messages?.Count; i++)
        {
            if (messages[i] is not { Role: Role.Assistant, Parts: { } parts } || !IsFollowed(messages, i))
                continue;
            foreach (var part in parts)
            {
                if (part is ToolCallPart { Call: { } call } && !IsAnswered(messages, i, call.Id))
                {
                    throw new ArgumentException(
                        $"The call \"{call.Id}\" of the tool \"{call.Name}\" has no result, but the conversation goes on after it: add Message.ToolResult(call, …) directly after the message that contains the call, for example to say that it was not run.",
                        nameof(request)
                    );
                }
            }
        }
    }

    private static bool IsFollowed(IReadOnlyList<Message> messages, int at)
    {
        for (int i = at + 1; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: Role.Tool })
                return true;
        }
        return false;
    }

    private static bool IsAnswered(IReadOnlyList<Message> messages, int behind, string callId)
    {
        // A later answer may use the same ID again.
        for (int i = behind + 1; i < messages.Count && messages[i] is { Role: not Role.Assistant }; i++)
        {
            foreach (var part in messages[i].Parts ?? [])
            {
                if (part is ToolResultPart result && result.CallId == callId)
                    return true;
            }
        }
        return false;
    }

    private ChatRequest Next() => _messages.Count == _asked ? _request : After(_messages);

    private ChatRequest After(List<Message> messages) => _request with { Messages = [.. _request.Messages, .. messages[_asked..]] };

    // Takes over the request that the hook returned.
    private void Apply(ChatRequest prepared, ChatRequest request)
    {
        if (prepared is not { Tools: not null })
            throw new ArgumentException("ToolLoopOptions.Prepare returned null, or a request whose Tools is null.", nameof(prepared));
        CheckChoices(prepared);
        CheckResults(prepared);
        if (!ReferenceEquals(prepared.Tools, request.Tools))
            _tools = Offered(_all, prepared);
    }

    private static void CheckChoices(ChatRequest request)
    {
        if (request.ChoiceCount > 1)
            throw new ArgumentException("A tool loop continues from a single answer: leave ChatRequest.ChoiceCount null.", nameof(request));
    }

    // The wire, possibly a custom one, says only that something cannot be written. Each result is tried alone, with text in the others.
    private bool TryReplaceResults()
    {
        if (_messages is not [.., { Role: Role.Tool } last])
            return false;
        var results = new ToolResultPart[last.Parts.Count];
        var tried = new Part[results.Length];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = (ToolResultPart)last.Parts[i];
            tried[i] = IsText(results[i]) ? results[i] : Unwritten(results[i], "");
        }
        bool isChanged = false;
        for (int i = 0; i < results.Length; i++)
        {
            if (IsText(results[i]))
                continue;
            var placeholder = tried[i];
            tried[i] = results[i];
            var error = TryWriting(After([.. _messages[..^1], last with { Parts = [.. tried] }]));
            tried[i] = placeholder;
            if (error is null)
                continue;
            isChanged = true;
            int place = _invocations.Count - results.Length + i;
            results[i] = Unwritten(results[i], $"The tool returned a result that cannot be sent: {TextOf(error)}");
            lock (_lock)
                _invocations[place] = _invocations[place] with { Result = results[i], Error = error, UncutLength = null };
        }
        if (isChanged)
        {
            lock (_lock)
                _messages[^1] = Message.ToolResults(results);
        }
        return isChanged;
    }

    private ArgumentException? TryWriting(ChatRequest request)
    {
        try
        {
            _write(request, _isStream);
            return null;
        }
        catch (ArgumentException e)
        {
            return e;
        }
    }

    private ToolResultPart Unwritten(ToolResultPart result, string text) =>
        ToolTurn.Failed(result.CallId, result.Name, text, _options.MaxErrorLength);

    private static bool IsText(ToolResultPart result)
    {
        foreach (var part in result.Content)
        {
            if (part is not TextPart { Text: not null, WireData: null })
                return false;
        }
        return true;
    }

    // Without the parameter's name, which means nothing to a model.
    private static string TextOf(ArgumentException e)
    {
        string suffix = $" (Parameter '{e.ParamName}')";
        return e.Message.EndsWith(suffix, StringComparison.Ordinal) ? e.Message[..^suffix.Length] : e.Message;
    }

    private static ToolSet Offered(ToolSet tools, ChatRequest request)
    {
        var offered = new Tool[request.Tools.Count];
        for (int i = 0; i < offered.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(request.Tools[i]);
            string name = request.Tools[i].Name;
            offered[i] = tools.TryGet(name, out var tool)
                ? tool
                : throw new ArgumentException(
                    $"ChatRequest.Tools contains \"{name}\", but the loop has no such tool: add it to the loop's ToolSet, or remove it from the request.",
                    nameof(request)
                );
        }
        return ToolSet.Create(offered);
    }

    private void AddReply(ChatReply reply)
    {
        _replies.Add(reply);
        _messages.Add(reply.Message);
    }

    // Services require a result for every call, even for one that is not run.
    private void AddReply(ChatReply reply, IReadOnlyList<ToolCall> calls, string reason)
    {
        var results = new ToolResultPart[calls.Count];
        for (int i = 0; i < results.Length; i++)
            results[i] = new ToolResultPart(calls[i].Id, reason) { Name = calls[i].Name, IsError = true };
        lock (_lock)
        {
            AddReply(reply);
            for (int i = 0; i < results.Length; i++)
                _invocations.Add(new ToolInvocation(Turn, calls[i], results[i]));
            if (results.Length > 0)
                _messages.Add(Message.ToolResults(results));
        }
    }
}
