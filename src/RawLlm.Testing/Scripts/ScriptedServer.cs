using System.Globalization;
using System.Net;
using System.Text;

namespace RawLlm.Testing;

/// <summary>
/// An in-process service that answers from a test's script, on the wire that the client speaks, and fails on demand. Thread-safe.
/// </summary>
/// <remarks>
/// Each request takes the next answer of the script, whole or as a stream, as it asks. For several requests at once in any order,
/// <see cref="AnswerWhen"/> and <see cref="RefuseWhen"/> specify which request an answer is for; a request takes the first answer that
/// matches it. A request without an answer throws an <see cref="InvalidOperationException"/>, unless <see cref="AnswerOthers"/> answers it.
/// The server is an HTTP message handler: <see cref="CreateClient"/> creates a client on it, and <see cref="Http"/> serves anything else
/// that takes an <see cref="HttpClient"/>.
/// </remarks>
public sealed class ScriptedServer : HttpMessageHandler
{
    private const int MaxNamed = 10;

    private readonly Lock _lock = new();
    private readonly List<ScriptedTurn> _script = [];
    private readonly List<ScriptedRequest> _requests = [];
    private readonly TimeProvider _time;
    private Func<ScriptedRequest, ScriptedAnswer>? _others;

    /// <summary>Creates a server with an empty script.</summary>
    /// <param name="time">The clock for faults that take time; null for the system's clock.</param>
    public ScriptedServer(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Http = new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>An HTTP client whose requests go to this server; disposed with the server.</summary>
    public HttpClient Http { get; }

    /// <summary>The requests received so far, in order. This is a copy: later requests are not added to it.</summary>
    public IReadOnlyList<ScriptedRequest> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>Creates a client whose requests go to this server. It needs no API key (<see cref="Keyless"/>).</summary>
    /// <param name="provider">The simulated service, such as <c>Providers.Anthropic</c>; it determines the wire.</param>
    /// <param name="model">The requested model.</param>
    /// <param name="options">How the client behaves; null for the defaults. Retries work as usual: each attempt takes an answer of the
    /// script.</param>
    public LlmClient CreateClient(Provider provider, string model, LlmClientOptions? options = null) =>
        KeylessClient.Create(Keyless(provider), model, options, Http);

    /// <summary>Returns the service without the need for an API key, for clients of this server that are created elsewhere, such as by
    /// dependency injection.</summary>
    /// <remarks>A key from the environment, set or not, is replaced with a placeholder. A key that the program sets stays, and so does a
    /// credential that is not a single key.</remarks>
    /// <param name="provider">The simulated service, such as <c>Providers.Anthropic</c>.</param>
    public static Provider Keyless(Provider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        bool isGiven = provider.Credential is { IsSecret: true, Variable: null, Problem: null };
        return isGiven ? KeylessClient.WithoutPlaceholders(provider) : KeylessClient.Keyless(provider);
    }

    /// <summary>Adds an answer for the next request.</summary>
    /// <param name="answer">The answer; a string converts to one.</param>
    /// <param name="faults">The faults in its delivery.</param>
    public ScriptedServer Answer(ScriptedAnswer answer, params IReadOnlyList<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Add(new(Check(faults)) { Answer = answer });
    }

    /// <summary>Adds an answer for the next request that meets a condition.</summary>
    /// <param name="condition">Whether the answer is for a request; called for one request at a time, in the order in which they
    /// arrive.</param>
    /// <param name="answer">The answer; a string converts to one.</param>
    /// <param name="faults">The faults in its delivery.</param>
    public ScriptedServer AnswerWhen(Func<ScriptedRequest, bool> condition, ScriptedAnswer answer, params IReadOnlyList<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(answer);
        return Add(new(Check(faults)) { When = condition, Answer = answer });
    }

    /// <summary>Adds an answer with a tool call for the next request.</summary>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments: the text of a JSON object.</param>
    /// <param name="faults">The faults in its delivery.</param>
    public ScriptedServer AnswerWithCall(string name, string arguments, params IReadOnlyList<Fault> faults) =>
        Answer(ScriptedAnswer.Call(name, arguments), faults);

    /// <summary>Adds embeddings for the next request, in the format of its wire.</summary>
    /// <param name="vectors">One embedding for each text, in the order of the texts.</param>
    /// <param name="inputTokens">The reported number of input tokens; null to report none. Gemini never reports it.</param>
    /// <param name="faults">The faults in their delivery.</param>
    public ScriptedServer AnswerEmbeddings(IReadOnlyList<float[]> vectors, long? inputTokens = 10, params IReadOnlyList<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        float[][] own = [.. vectors.Select(static vector => (float[])(vector ?? throw new ArgumentNullException(nameof(vectors))).Clone())];
        return Add(
            new(Check(faults))
            {
                Title = own.Length == 1 ? "1 vector" : $"{own.Length} vectors",
                Document = request => ServedEmbeddings.Write(request, own, inputTokens),
            }
        );
    }

    /// <summary>Adds a list of models for the next request, in the format of its service.</summary>
    /// <param name="models">The IDs of the models.</param>
    /// <param name="faults">The faults in its delivery.</param>
    public ScriptedServer AnswerModels(IReadOnlyList<string> models, params IReadOnlyList<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(models);
        string[] own = [.. models];
        foreach (string id in own)
            ArgumentException.ThrowIfNullOrWhiteSpace(id, nameof(models));
        return Add(new(Check(faults)) { Title = "a list of models", Document = request => ServedModels.Write(request, own) });
    }

    /// <summary>Adds a refusal for the next request, with the status and words of its wire.</summary>
    /// <param name="kind">
    /// The reason, as the client should report it: <see cref="LlmErrorKind.Authentication"/>, <see cref="LlmErrorKind.PermissionDenied"/>,
    /// <see cref="LlmErrorKind.NotFound"/>, <see cref="LlmErrorKind.BadRequest"/>, <see cref="LlmErrorKind.ContextLengthExceeded"/>,
    /// <see cref="LlmErrorKind.ContentFiltered"/>, <see cref="LlmErrorKind.RequestTooLarge"/>, <see cref="LlmErrorKind.QuotaExhausted"/>,
    /// <see cref="LlmErrorKind.RateLimited"/>, <see cref="LlmErrorKind.Overloaded"/> or <see cref="LlmErrorKind.ServerError"/>.
    /// </param>
    /// <param name="retryAfter">The delay that <c>Retry-After</c> asks for; null to send no such header.</param>
    /// <param name="message">The message of the error; null for a default. On a wire that shows the kind only in the message, the wire's
    /// own words come first.</param>
    /// <param name="status">The status, from 400 to 599, such as Cloudflare's 524; null for the wire's usual one. It may make the client
    /// report another kind.</param>
    /// <param name="faults">The faults in its delivery.</param>
    /// <exception cref="ArgumentException">No service reports this kind of error.</exception>
    public ScriptedServer Refuse(
        LlmErrorKind kind,
        TimeSpan? retryAfter = null,
        string? message = null,
        int? status = null,
        params IReadOnlyList<Fault> faults
    )
    {
        if (status is { } own)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(own, 400, nameof(status));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(own, 599, nameof(status));
        }
        return Add(Refusal(kind, retryAfter, message, faults) with { Status = status });
    }

    /// <summary>Adds a refusal for the next request that meets a condition.</summary>
    /// <param name="condition">Whether the refusal is for a request; called for one request at a time, in the order in which they
    /// arrive.</param>
    /// <param name="kind">The reason, one of those that <see cref="Refuse"/> accepts.</param>
    /// <param name="retryAfter">The delay that <c>Retry-After</c> asks for; null to send no such header.</param>
    /// <exception cref="ArgumentException">No service reports this kind of error.</exception>
    public ScriptedServer RefuseWhen(Func<ScriptedRequest, bool> condition, LlmErrorKind kind, TimeSpan? retryAfter = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Add(Refusal(kind, retryAfter, null, []) with { When = condition });
    }

    /// <summary>Adds a raw response for the next request, whatever it asks for; it is sent as it is.</summary>
    /// <param name="status">The status.</param>
    /// <param name="mediaType">The media type of the body.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Additional headers; null for none.</param>
    /// <param name="faults">The faults in its delivery.</param>
    public ScriptedServer AnswerRaw(
        int status,
        string mediaType,
        string body,
        IReadOnlyDictionary<string, string>? headers = null,
        params IReadOnlyList<Fault> faults
    )
    {
        CheckStatus(status);
        ArgumentException.ThrowIfNullOrWhiteSpace(mediaType);
        ArgumentNullException.ThrowIfNull(body);
        var turn = new ScriptedTurn(Check(faults));
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        headers = headers is null ? null : ServedHeaders.Check(headers);
        return Add(
            turn with
            {
                Title = $"a response of status {status}",
                Raw = () => Respond(status, mediaType, FaultyBody.Plan([new(bytes, FrameRole.Piece)], turn.Faults), headers),
            }
        );
    }

    /// <summary>Answers every request for which the script has no answer.</summary>
    /// <param name="answer">Returns the answer to a request; called concurrently for concurrent requests.</param>
    public ScriptedServer AnswerOthers(Func<ScriptedRequest, ScriptedAnswer> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        lock (_lock)
            _others = answer;
        return this;
    }

    /// <summary>Checks that every answer of the script was used.</summary>
    /// <exception cref="InvalidOperationException">An answer was not used.</exception>
    public void AssertScriptEnded()
    {
        lock (_lock)
        {
            if (_script.Count == 0)
                return;
            string answers = _script.Count == 1 ? "1 scripted answer was" : $"{_script.Count} scripted answers were";
            string requests = _requests.Count == 1 ? "1 request" : $"{_requests.Count} requests";
            string more = _script.Count > MaxNamed ? $", and {_script.Count - MaxNamed} more" : "";
            throw new InvalidOperationException(
                $"{answers} not used after {requests}: {string.Join(", ", _script.Take(MaxNamed).Select(static turn => turn.Describe()))}{more}."
            );
        }
    }

    internal static int CheckStatus(int status)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 599);
        return status;
    }

    internal static void CheckRefusal(LlmErrorKind kind)
    {
        if (
            kind
            is not (
                LlmErrorKind.Authentication
                or LlmErrorKind.PermissionDenied
                or LlmErrorKind.NotFound
                or LlmErrorKind.BadRequest
                or LlmErrorKind.ContextLengthExceeded
                or LlmErrorKind.ContentFiltered
                or LlmErrorKind.RequestTooLarge
                or LlmErrorKind.QuotaExhausted
                or LlmErrorKind.RateLimited
                or LlmErrorKind.Overloaded
                or LlmErrorKind.ServerError
            )
        )
        {
            throw new ArgumentException(
                $"{kind} is not an error that a service reports. For errors of other kinds, use a Fault such as Fault.CutAfterPieces.",
                nameof(kind)
            );
        }
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        byte[] body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false) : [];
        var turn = TakeTurn(request, body, out var asked);
        if (turn.Find(FaultKind.RefuseConnection) is not null)
            throw BrokenConnection.Refused();
        if (turn.Find(FaultKind.StallBeforeHead) is { } stall)
            await Task.Delay(stall.For ?? Timeout.InfiniteTimeSpan, _time, cancellationToken).ConfigureAwait(false);
        if (turn.Find(FaultKind.ResetBeforeHead) is not null)
            throw BrokenConnection.ResetBeforeHead();
        var response = turn.Raw is { } raw && turn.Find(FaultKind.Page) is null ? raw() : Respond(turn, asked);
        response.RequestMessage = request;
        return response;
    }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Http.Dispose();
        base.Dispose(disposing);
    }

    private static IReadOnlyList<Fault> Check(IReadOnlyList<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        foreach (var fault in faults)
            ArgumentNullException.ThrowIfNull(fault, nameof(faults));
        return [.. faults];
    }

    private static ScriptedTurn Refusal(LlmErrorKind kind, TimeSpan? retryAfter, string? message, IReadOnlyList<Fault> faults)
    {
        CheckRefusal(kind);
        if (retryAfter is { } wait)
            ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero, nameof(retryAfter));
        return new(Check(faults))
        {
            Refusal = kind,
            RetryAfter = retryAfter,
            Message = message,
        };
    }

    private ScriptedServer Add(ScriptedTurn turn)
    {
        lock (_lock)
            _script.Add(turn);
        return this;
    }

    private ScriptedTurn TakeTurn(HttpRequestMessage message, byte[] body, out ScriptedRequest request)
    {
        Func<ScriptedRequest, ScriptedAnswer>? others;
        lock (_lock)
        {
            request = new ScriptedRequest(_requests.Count + 1, message, body);
            _requests.Add(request);
            if (TakeFirst(request) is { } turn)
                return turn;
            others = _others;
        }
        if (others is null)
        {
            throw new InvalidOperationException(
                $"The script has no answer to {request}. Add one with Answer, or use AnswerOthers for all requests that are not scripted."
            );
        }

        return new([])
        {
            Answer = Ask(others, request) ?? throw new InvalidOperationException($"AnswerOthers returned no answer to {request}."),
        };
    }

    // A client reports only the type of a handler's exception, except for an InvalidOperationException.
    private static ScriptedAnswer? Ask(Func<ScriptedRequest, ScriptedAnswer> others, ScriptedRequest request)
    {
        try
        {
            return others(request);
        }
        catch (Exception e) when (e is not (InvalidOperationException or OperationCanceledException))
        {
            throw new InvalidOperationException($"AnswerOthers failed on {request}: {e.Message}", e);
        }
    }

    private ScriptedTurn? TakeFirst(ScriptedRequest request)
    {
        for (int i = 0; i < _script.Count; i++)
        {
            var turn = _script[i];
            if (turn.When is not null && !turn.When(request))
                continue;
            _script.RemoveAt(i);
            return turn;
        }
        return null;
    }

    private HttpResponseMessage Respond(ScriptedTurn turn, ScriptedRequest request)
    {
        if (turn.Find(FaultKind.Page) is { } page)
            return Respond(page.Status, "text/html", FaultyBody.Plan([new(WebPage, FrameRole.Piece)], turn.Faults), null);
        if (turn.Document is { } document)
            return Respond(200, "application/json", FaultyBody.Plan([new(document(request), FrameRole.Piece)], turn.Faults), null);
        var wire =
            WireChoice.Of(request.Path, request.Host)
            ?? (turn.Refusal is null ? null : WireChoice.OfRefusal(request.Path))
            ?? throw new InvalidOperationException(
                $"The server knows no wire on which a model answers {request}. Use AnswerEmbeddings for embeddings, AnswerModels for a list of models, and AnswerRaw for any other request."
            );
        if (turn.Refusal is { } refusal)
            return Refusal(wire, refusal, turn);
        var script = turn.Answer!;
        var answer = new ServedAnswer(
            script,
            script.Id ?? string.Create(CultureInfo.InvariantCulture, $"answer_{request.Number}"),
            script.Model ?? request.Model ?? "scripted",
            turn.Find(FaultKind.CallsWithoutIndex) is not null
        );
        wire.Check(answer);
        var frames = request.IsStream
            ? Frames(wire, answer, turn)
            :
            [
                new(
                    turn.Find(FaultKind.ErrorInStream) is { } error ? wire.ErrorDocument(error.Error, null) : wire.WriteWhole(answer),
                    FrameRole.Piece
                ),
            ];
        return Respond(
            200,
            request.IsStream ? wire.StreamType : "application/json",
            FaultyBody.Plan(frames, turn.Faults),
            HeadersOf(script, wire)
        );
    }

    private Dictionary<string, string> HeadersOf(ScriptedAnswer script, ServedWire wire)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (script.RateLimits is { } limits)
            wire.AddLimits(limits, _time.GetUtcNow(), headers);
        foreach (var (name, value) in script.Headers)
            headers[name] = value;
        return headers;
    }

    private static List<WireFrame> Frames(ServedWire wire, ServedAnswer answer, ScriptedTurn turn)
    {
        var frames = new List<WireFrame>();
        var error = turn.Find(FaultKind.ErrorInStream);
        bool keepsAlive = turn.Find(FaultKind.KeepAlives) is not null;
        bool lacksEnd = turn.Find(FaultKind.NoEndMark) is not null;
        int pieces = 0;
        foreach (var frame in wire.Stream(answer))
        {
            // After the last piece to send, and before the next one or the end.
            if (error is not null && pieces >= error.Pieces && (frame.Role != FrameRole.Frame || pieces > 0))
                break;
            if (lacksEnd && frame.Role == FrameRole.EndMark)
                continue;
            if (keepsAlive)
                frames.Add(new(wire.KeepAlive));
            frames.Add(frame);
            pieces += frame.Role == FrameRole.Piece ? 1 : 0;
        }
        if (error is not null)
        {
            if (pieces < error.Pieces)
            {
                throw new InvalidOperationException(
                    $"The scripted answer has {pieces} pieces, so an error cannot come after {error.Pieces}."
                );
            }

            frames.Add(new(wire.ErrorFrame(error.Error, null)));
        }
        return frames;
    }

    private HttpResponseMessage Refusal(ServedWire wire, LlmErrorKind kind, ScriptedTurn turn)
    {
        var error = wire.Error(kind, turn.Message);
        var headers = new Dictionary<string, string>();
        if (error.Header is { } header)
            headers[header.Name] = header.Value;
        if (turn.RetryAfter is { } wait)
        {
            headers["retry-after"] = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            if (wait.Milliseconds != 0)
                headers["retry-after-ms"] = Math.Ceiling(wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        }
        return Respond(
            turn.Status ?? error.Status,
            "application/json",
            FaultyBody.Plan([new(error.Body, FrameRole.Piece)], turn.Faults),
            headers
        );
    }

    private HttpResponseMessage Respond(
        int status,
        string mediaType,
        IReadOnlyList<BodyStep> body,
        IReadOnlyDictionary<string, string>? headers
    )
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new PlayedContent(new PlayedBody(body, _time)) };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        if (headers is null)
            return response;
        foreach (var (name, value) in headers)
        {
            if (response.Headers.TryAddWithoutValidation(name, value))
                continue;
            response.Content.Headers.Remove(name);
            response.Content.Headers.TryAddWithoutValidation(name, value);
        }
        return response;
    }

    private static byte[] WebPage { get; } =
        "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"u8.ToArray();
}
