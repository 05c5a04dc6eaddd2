namespace RawLlm;

/// <summary>What was said in one run of a loop, and what is to be asked next. Messages that were sent are never changed: what was written of them is kept.</summary>
internal sealed class ToolDialogue
{
    private readonly ToolLoopOptions _options;
    private readonly ToolSet _tools;
    private readonly List<ChatReply> _replies = [];
    private readonly List<Message> _messages = [];
    private readonly List<ToolInvocation> _invocations = [];
    private ChatRequest _request;
    private ToolTurn? _running;

    public ToolDialogue(ToolSet tools, ToolLoopOptions options, ChatRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(request.Tools);
        if (request.ChoiceCount > 1)
            throw new ArgumentException("A loop goes on with one answer: leave ChatRequest.ChoiceCount empty.", nameof(request));
        _options = options;
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

    /// <summary>What to ask next.</summary>
    public ChatRequest Next()
    {
        Turn++;
        return _messages.Count == 0 ? _request : _request with { Messages = [.. _request.Messages, .. _messages] };
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
