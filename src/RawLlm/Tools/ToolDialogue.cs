namespace RawLlm;

/// <summary>What was said in one run of a loop, and what is to be asked next. Messages that were sent are never changed: what was written of them is kept.</summary>
internal sealed class ToolDialogue
{
    private readonly ToolLoopOptions _options;
    private readonly ToolSet _tools;
    private readonly Action<ChatRequest, bool> _write;
    private readonly List<ChatReply> _replies = [];
    private readonly List<Message> _messages = [];
    private readonly List<ToolInvocation> _invocations = [];
    private ChatRequest _request;
    private ToolTurn? _running;

    public ToolDialogue(ToolSet tools, ToolLoopOptions options, ChatRequest request, Action<ChatRequest, bool> write)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(request.Tools);
        if (request.ChoiceCount > 1)
            throw new ArgumentException("A loop goes on with one answer: leave ChatRequest.ChoiceCount empty.", nameof(request));
        _options = options;
        _write = write;
        _tools = request.Tools.Count == 0 ? tools : Offered(tools, request);
        _request = request.Tools.Count == 0 ? request with { Tools = tools.Definitions } : request;
    }

    /// <summary>True when the model has answered without calls that are to be run.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The number of the turn that is under way, from 1.</summary>
    public int Turn { get; private set; }

    /// <summary>What was said so far; null before the first whole answer. A call that still runs has a result that says so.</summary>
    public ToolRun? Run
    {
        get
        {
            if (_replies.Count == 0)
                return null;
            return _running is { } turn
                ? new([.. _replies], [.. _messages[..^1], turn.AsRun(_messages[^1]), turn.Interrupted()], [.. _invocations, .. turn.Ended])
                : new([.. _replies], [.. _messages], [.. _invocations]);
        }
    }

    /// <summary>Begins the next turn. Results that the wire cannot carry are errors from then on, which say so.</summary>
    /// <param name="ask">Asks; an <see cref="ArgumentException"/> says that the request cannot be written.</param>
    /// <param name="stream">Whether the answer is asked for as a stream.</param>
    /// <exception cref="LlmException">The request of a later turn cannot be written for another reason.</exception>
    public async Task<T> AskAsync<T>(Func<ChatRequest, Task<T>> ask, bool stream)
    {
        Turn++;
        while (true)
        {
            try
            {
                return await ask(Next()).ConfigureAwait(false);
            }
            catch (ArgumentException e) when (_replies.Count > 0)
            {
                // Functions have run: what came of them is not to be lost, and no caller wrote that request.
                if (!TryReplaceResults(stream))
                    throw new LlmException(LlmErrorKind.InvalidConfiguration, $"The request of turn {Turn} cannot be sent: {TextOf(e)}", e) { Phase = LlmPhase.Configure };
            }
        }
    }

    /// <summary>Adds an answer.</summary>
    /// <returns>What runs the calls of the answer; null where there are none to run.</returns>
    /// <exception cref="LlmException">The model may not be asked again, but the answer does not end.</exception>
    public ToolTurn? Add(ChatReply reply)
    {
        _replies.Add(reply);
        _messages.Add(reply.Message);
        var calls = reply.ToolCalls;
        // Words that end an answer and that are not known are ToolUse where there are calls.
        if (reply.StopReason != StopReason.Paused && (reply.StopReason != StopReason.ToolUse || calls.Count == 0))
        {
            Refuse(calls, "The call was not run, because the answer did not come to its end.");
            IsEnded = true;
            return null;
        }
        if (Turn >= _options.MaxTurns)
        {
            Refuse(calls, "The call was not run, because no more turns are allowed.");
            throw new LlmException(LlmErrorKind.TooManyTurns, $"The model has answered {Turn} times and is not done. Raise ToolLoopOptions.MaxTurns, or go on from LlmException.Run.")
            {
                Phase = LlmPhase.Done,
                Provider = reply.Provider,
                Model = reply.Model,
            };
        }
        if (calls.Count == 0)
            return null;
        // Forced once more, it would never answer.
        if (_request.ToolChoice?.Kind is ToolChoiceKind.Required or ToolChoiceKind.Named)
            _request = _request with { ToolChoice = ToolChoice.Auto };
        return _running = new ToolTurn(_options, _tools, Turn, calls);
    }

    /// <summary>Takes the results of the calls once all have ended.</summary>
    public void EndTurn()
    {
        if (_running is not { } turn)
            return;
        _messages[^1] = turn.AsRun(_messages[^1]);
        _messages.Add(turn.Results());
        _invocations.AddRange(turn.Ended);
        _running = null;
    }

    private ChatRequest Next() => _messages.Count == 0 ? _request : After(_messages);

    private ChatRequest After(IReadOnlyList<Message> said) => _request with { Messages = [.. _request.Messages, .. said] };

    // Whatever cannot be written, some wire of somebody's own among those that say so: each result is tried by itself, among others that are text.
    private bool TryReplaceResults(bool stream)
    {
        if (_messages[^1] is not { Role: Role.Tool } last)
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
            var error = TryWriting(After([.. _messages[..^1], last with { Parts = [.. tried] }]), stream);
            tried[i] = placeholder;
            if (error is null)
                continue;
            isChanged = true;
            int place = _invocations.Count - results.Length + i;
            results[i] = Unwritten(results[i], $"The function gave what cannot be sent: {TextOf(error)}");
            _invocations[place] = _invocations[place] with { Result = results[i], Error = error };
        }
        if (isChanged)
            _messages[^1] = Message.ToolResults(results);
        return isChanged;
    }

    private ArgumentException? TryWriting(ChatRequest request, bool stream)
    {
        try
        {
            _write(request, stream);
            return null;
        }
        catch (ArgumentException e)
        {
            return e;
        }
    }

    private ToolResultPart Unwritten(ToolResultPart result, string text) => ToolTurn.Failed(result.CallId, result.Name, text, _options.ErrorCharacters);

    private static bool IsText(ToolResultPart result)
    {
        foreach (var part in result.Content)
        {
            if (part is not TextPart { Text: not null, WireData: null })
                return false;
        }
        return true;
    }

    // Without the name of a parameter, which says nothing to a model.
    private static string TextOf(ArgumentException e)
    {
        string said = $" (Parameter '{e.ParamName}')";
        return e.Message.EndsWith(said, StringComparison.Ordinal) ? e.Message[..^said.Length] : e.Message;
    }

    private static ToolSet Offered(ToolSet tools, ChatRequest request)
    {
        var offered = new Tool[request.Tools.Count];
        for (int i = 0; i < offered.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(request.Tools[i]);
            string name = request.Tools[i].Name;
            offered[i] = tools.TryGet(name, out var tool) ? tool : throw new ArgumentException($"Nothing runs the function \"{name}\": put it into the loop's ToolSet, or leave it out of ChatRequest.Tools.", nameof(request));
        }
        return ToolSet.Create(offered);
    }

    // Services want a result for every call.
    private void Refuse(IReadOnlyList<ToolCall> calls, string reason)
    {
        if (calls.Count == 0)
            return;
        var results = new ToolResultPart[calls.Count];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = new ToolResultPart(calls[i].Id, reason) { Name = calls[i].Name, IsError = true };
            _invocations.Add(new ToolInvocation(Turn, calls[i], results[i]));
        }
        _messages.Add(Message.ToolResults(results));
    }
}
