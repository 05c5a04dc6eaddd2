using System.Text;
using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>A chain's call whose stream continues at the next client if it breaks.</summary>
internal sealed class SeamedCall : StreamSeams
{
    private readonly FallbackCall _call;
    private readonly bool _continues;
    private readonly bool _restarts;
    private readonly CancellationToken _opened;
    private readonly DeliveredAnswer _delivered = new();
    private readonly List<StreamSwitch> _switches = [];
    private readonly CancellationTokenSource _stop = new();

    // Clients that refused to continue a text.
    private readonly HashSet<LlmClient> _refusing = [];
    private Prefill? _prefill;
    private long _start;

    public SeamedCall(FallbackCall call, bool continues, bool restarts, CancellationToken opened)
    {
        _call = call;
        _continues = continues;
        _restarts = restarts;
        _opened = opened;
        _start = call.Now;
    }

    public override IReadOnlyList<StreamSwitch> Switches => _switches.Count == 0 ? [] : _switches.ToArray();

    public override Stream ObserveBody(HttpAnswer answer, LlmClient client, string? mediaType)
    {
        // The first attempt began with the call.
        if (_call.Attempts.Count > 0)
            _start = _call.Now;
        _call.MoveTo(client);
        // Events of an earlier answer that were read but not delivered do not belong to this one.
        _delivered.Clear();
        answer.Body = new ObservedBody(answer.Body, new DeliveredAnswerObserver(client, mediaType, _delivered));
        return answer.Body;
    }

    public override bool MayGoOn(ChatStream stream, LlmException failure) =>
        !stream.IsStopped
        && !_delivered.HasStopped
        && !_delivered.HasCall
        && !_stop.IsCancellationRequested
        && !_opened.IsCancellationRequested
        && _call.MayGoOn(failure, Serves);

    protected override async ValueTask GoOnAsync(ChatStream stream, LlmException failure, CancellationToken readToken)
    {
        var seam = new StreamSwitch(stream.Endpoint, "", failure, IsContinued: false)
        {
            Characters = _delivered.Characters,
            Events = _delivered.Events,
            Usage = stream.Usage,
            Cost = stream.OwnCost,
        };
        stream.Abort(failure);
        _call.Break(failure, stream.Endpoint, _start);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(readToken, _opened, _stop.Token);
        _call.Stop = stop.Token;
        _call.Continuation = Continue;
        try
        {
            var next = await OpenAsync(failure, stop.Token).ConfigureAwait(false);
            // From here on, only the end of the stream ends its answer.
            stop.Dispose();
            if (stop.IsCancellationRequested)
            {
                await next.DisposeAsync().ConfigureAwait(false);
                throw new OperationCanceledException();
            }
            seam = seam with { To = next.Endpoint, IsContinued = _prefill is not null };
            _switches.Add(seam);
            stream.Adopt(next, Join(next, seam));
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            readToken.ThrowIfCancellationRequested();
            _opened.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(ChatStream));
        }
        finally
        {
            _call.Stop = default;
        }
    }

    public override Cost? Total(Cost? last)
    {
        if (last is null)
            return null;
        try
        {
            decimal sum = last.Amount;
            foreach (var seam in _switches)
                sum += seam.Cost?.Amount ?? 0;
            return sum == last.Amount ? last : last with { Amount = sum };
        }
        // Services may report anything: a sum too large for a decimal counts as unknown.
        catch (OverflowException)
        {
            return null;
        }
    }

    public override void Stop() => _stop.CancelQuietly();

    // Opens a stream that has begun to answer.
    private async Task<ChatStream> OpenAsync(LlmException failure, CancellationToken stop)
    {
        while (_call.HasMoved)
        {
            var asked = _call.PrepareRequest();
            _start = _call.Now;
            ChatStream? next = null;
            try
            {
                next = await _call.Client.Chat.OpenBegunStreamAsync(asked, _call, _opened).ConfigureAwait(false);
                // Its first events are already held.
                while (await next.ReadAsync(stop).ConfigureAwait(false) && next.Current.Kind == StreamEventKind.Connected) { }
                return next;
            }
            catch (Exception e)
            {
                if (next is not null)
                    await next.DisposeAsync().ConfigureAwait(false);
                if (stop.IsCancellationRequested || !_call.IsFailure(e))
                    throw;
                bool isRefused =
                    _prefill is not null
                    && e is LlmException { Kind: LlmErrorKind.BadRequest or LlmErrorKind.Unsupported } or ArgumentException;
                if (!isRefused || !_refusing.Add(_call.Client) || !_restarts || !_call.MayAskAgainDifferently)
                    _call.TryMoveOn(e, isStream: true);
            }
        }
        throw failure.With(allAttempts: _call.Attempts);
    }

    private bool Serves(LlmClient client) =>
        _restarts || (_call.RequestOf(client) is var request && Continuation(client, request) is not null);

    private ChatRequest Continue(LlmClient client, ChatRequest request)
    {
        _prefill = Continuation(client, request);
        return _prefill?.Request ?? request;
    }

    private Prefill? Continuation(LlmClient client, ChatRequest request)
    {
        // Structured output, reasoning and tool use start with the answer: what services document about continuing a text does not cover
        // them.
        if (
            !_continues
            || !_delivered.IsPlainText
            || _refusing.Contains(client)
            || request
                is not {
                    Tools.Count: 0,
                    Format: null or { Kind: ReplyFormatKind.Text },
                    Thinking: null or { Effort: ThinkingEffort.None },
                    ChoiceCount: null or 1,
                    TopLogProbs: null
                }
            || request.Extra.ContainsKey("tools")
            || request.Messages is [] or [.., { Role: Role.Assistant }]
        )
        {
            return null;
        }
        return client.Provider.Protocol.Continue(request, request.Model ?? client.Model, client.Provider.BaseUrl, _delivered.Text);
    }

    private StreamDecoder Join(ChatStream next, StreamSwitch seam)
    {
        RepeatedText? repeated = null;
        if (_prefill is { } prefill)
        {
            byte[] sent = Encoding.UTF8.GetBytes(prefill.Sent);
            repeated = new RepeatedText(prefill.MayEcho ? sent : [], Encoding.UTF8.GetBytes(_delivered.Text)[sent.Length..]);
        }
        var decoder = next.ReleaseDecoder();
        var options = new DecoderOptions
        {
            Limits = next.Client!.Options.Limits,
            Strict = next.Client.Options.Strict,
            Prediction = false,
        };
        return new StreamDecoder(
            new SeamReader(decoder),
            new SeamDecoder(decoder, seam, _delivered, repeated, next.Client.Errors),
            options
        );
    }
}
