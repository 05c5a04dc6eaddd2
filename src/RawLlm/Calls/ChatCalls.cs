using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Asks a client's model for a whole answer, which is read here, or for a stream, which is opened here. Thread-safe.</summary>
internal sealed class ChatCalls(LlmClient client)
{
    /// <summary>Asks for a whole answer as part of a call that has spending limits of its own.</summary>
    public Task<ChatReply> SendWithinAsync(ChatRequest request, Spending? spending, CancellationToken cancellationToken) =>
        AskAsync(request, OuterCall.Of(spending), cancellationToken);

    /// <summary>Asks for a whole answer as part of an outer call.</summary>
    public Task<ChatReply> AskAsync(ChatRequest request, OuterCall? outer, CancellationToken cancellationToken) =>
        TelemetrySwitch.IsSupported
        && CallTelemetry.Begin(client, request, isStream: false, (outer as FallbackCall)?.Telemetry) is { } telemetry
            ? telemetry.FollowAsync(AskAsync(request, outer, telemetry, cancellationToken), AnswerFacts.Of)
            : AskAsync(request, outer, telemetry: null, cancellationToken);

    /// <summary>Opens a stream as part of a call that has spending limits of its own.</summary>
    public Task<ChatStream> StreamWithinAsync(ChatRequest request, Spending? spending, CancellationToken cancellationToken) =>
        OpenStreamAsync(request, OuterCall.Of(spending), cancellationToken);

    /// <summary>Opens a stream as part of an outer call. Completes when the head of the answer has arrived.</summary>
    public async Task<ChatStream> OpenStreamAsync(ChatRequest request, OuterCall? outer, CancellationToken cancellationToken)
    {
        var call = BeginStream(request, outer, cancellationToken);
        var head = call.OpenAsync(CancellationToken.None);
        var opening = outer is FallbackCall chain
            ? new ChainStreamOpening(client, call, cancellationToken, chain)
            : new StreamOpening(client, call, cancellationToken);
        HttpAnswer? answer = null;
        try
        {
            if (!head.IsCompleted)
                opening.Prepare();
            while (true)
            {
                answer = await head.ConfigureAwait(false);
                try
                {
                    return CreateStream(answer, opening.CreateDecoder(answer), call.Wire, request, opening);
                }
                catch (LlmException e)
                {
                    await call.EndBrokenAsync(answer, e).ConfigureAwait(false);
                }
                head = call.OpenAsync(CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            End(opening, answer, e);
            throw;
        }
    }

    /// <summary>
    /// Opens a stream for a call that may ask another service in parallel: completes once some of the answer has arrived, which is still to
    /// be read.
    /// </summary>
    public async Task<ChatStream> OpenBegunStreamAsync(ChatRequest request, FallbackCall chain, CancellationToken cancellationToken)
    {
        var call = BeginStream(request, chain, cancellationToken);
        var opening = new ChainStreamOpening(client, call, cancellationToken, chain);
        HttpAnswer? answer = null;
        try
        {
            while (true)
            {
                answer = await call.OpenAsync(call.Stop).ConfigureAwait(false);
                using var probe = new StreamProbe(client, answer.MediaType);
                try
                {
                    await PeekedBody.PeekAsync(answer, probe, client.Options.Limits).ConfigureAwait(false);
                    return CreateStream(answer, opening.CreateDecoder(answer), call.Wire, request, opening);
                }
                catch (LlmException e)
                {
                    // Its buffers are not held during the wait for the next attempt.
                    probe.Dispose();
                    await call.EndBrokenAsync(answer, e, hasEvent: probe.HasEvent).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            End(opening, answer, e);
            throw;
        }
    }

    /// <summary>Writes the request for a stream.</summary>
    public LlmCall BeginStream(ChatRequest request, OuterCall? outer, CancellationToken cancellationToken)
    {
        var telemetry = TelemetrySwitch.IsSupported
            ? CallTelemetry.Begin(client, request, isStream: true, (outer as FallbackCall)?.Telemetry)
            : null;
        try
        {
            return Begin(request, isStream: true, outer, telemetry, cancellationToken);
        }
        catch (Exception e)
        {
            if (TelemetrySwitch.IsSupported)
                telemetry?.Failed(e);
            throw;
        }
    }

    private async Task<ChatReply> AskAsync(
        ChatRequest request,
        OuterCall? outer,
        CallTelemetry? telemetry,
        CancellationToken cancellationToken
    )
    {
        var call = Begin(request, isStream: false, outer, telemetry, cancellationToken);
        try
        {
            while (true)
            {
                using var answer = await call.OpenAsync(call.Stop).ConfigureAwait(false);
                try
                {
                    var reply = await ReadReplyAsync(answer, call.Wire, request).ConfigureAwait(false);
                    if (request.Tools is { Count: > 0 })
                        reply = UnparsedCall.Note(reply);
                    call.Succeeded(reply);
                    return call.Earlier is { } earlier ? reply with { Attempts = earlier.Failed } : reply;
                }
                catch (LlmException e)
                {
                    // What was gathered is discarded: only a complete answer is delivered.
                    await call.EndBrokenAsync(answer, e).ConfigureAwait(false);
                }
                catch (Exception) when (call.Abandon())
                {
                    throw;
                }
            }
        }
        finally
        {
            call.Wire.Dispose();
        }
    }

    private LlmCall Begin(
        ChatRequest request,
        bool isStream,
        OuterCall? outer,
        CallTelemetry? telemetry,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        // A handler, above all one that was passed in, may send or answer whatever the token says.
        cancellationToken.ThrowIfCancellationRequested();
        var wire = client.Requests.Write(request, isStream);
        try
        {
            return new LlmCall(client, wire, request, cancellationToken)
            {
                Chain = outer as FallbackCall,
                Telemetry = telemetry,
                Spending = BeginSpending(request, outer),
                IsConversation = true,
            };
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    private static void End(StreamOpening opening, HttpAnswer? answer, Exception failure)
    {
        if (TelemetrySwitch.IsSupported)
            opening.Telemetry?.Failed(failure);
        answer?.Dispose();
        opening.Dispose();
    }

    private CallSpending? BeginSpending(ChatRequest request, OuterCall? outer) =>
        Spending.Of(client.Options.Budget, client.Options.CallBudget, outer?.Spending)?.Begin(client, request);

    private ChatStream CreateStream(HttpAnswer answer, StreamDecoder decoder, WireRequest wire, ChatRequest request, StreamOpening? opening)
    {
        // Does not keep the request itself: a waiting stream would hold the whole conversation.
        return new(answer, decoder, opening)
        {
            IsGathered = opening is null,
            Client = client,
            RequestedModel = request.Model ?? client.Model,
            Secrets = KeyHeaders.Secrets(request.Headers, wire),
            UsesRequestCredential = client.Errors.UsesOwnCredential(request),
            Telemetry = opening?.Telemetry,
        };
    }

    private async Task<ChatReply> ReadReplyAsync(HttpAnswer answer, WireRequest wire, ChatRequest request)
    {
        bool isStream = client.Provider.Protocol.IsStream(answer.MediaType);
        // Some servers and proxies send a stream with no media type or a wrong one, or a web page with that of a stream.
        if (isStream || (wire.IsGathered && !client.Options.Strict))
        {
            isStream =
                await PeekedBody.RecognizeAsync(answer, client.Provider.Protocol, client.Options.Limits.ReplyBytes).ConfigureAwait(false)
                ?? isStream;
        }

        if (isStream)
            return await GatherAsync(answer, wire, request).ConfigureAwait(false);
        using var body = await BodyReader.ReadAsync(answer, client.Options.Limits.ReplyBytes).ConfigureAwait(false);
        // Gateways that always stream may also do so with the requested media type (2026).
        if (!client.Options.Strict && StreamRecognition.BeginsStream(client.Provider.Protocol, body.Span))
        {
            PeekedBody.PutBack(answer, body.Span);
            return await GatherAsync(answer, wire, request).ConfigureAwait(false);
        }
        if (ContentTypeCheck.Check(answer.Status, answer.MediaType, body.Span) is { } failure)
            throw client.Errors.Enrich(failure, answer, wire, request, body.Span);
        if (WholeAnswer.IsEmpty(body.Span))
            throw WholeAnswer.Empty();
        return ReadReply(body.Span, answer, wire, request);
    }

    // Reads a stream that arrived instead of a whole answer, or that was requested because the answer may be long.
    private async Task<ChatReply> GatherAsync(HttpAnswer answer, WireRequest wire, ChatRequest request)
    {
        // A caller that asks for a whole answer has limited how long it may be.
        if (!wire.IsGathered && client.Options.Limits.ReplyBytes < client.Options.Limits.StreamBytes)
            answer.Body = new BoundedBody(answer.Body, client.Options.Limits.ReplyBytes);
        var stream = CreateStream(answer, client.CreateDecoder(isStream: true, wire.RequestsLogProbs), wire, request, opening: null);
        foreach (var quirk in wire.Quirks)
            stream.Record(quirk);
        if (answer.WasSentAgain)
            stream.Record(WholeAnswer.SentAgain);
        if (!wire.IsGathered)
            stream.Record(new Quirk(QuirkKind.StreamUnrequested, "Content-Type"));
        if (!client.Provider.Protocol.IsStream(answer.MediaType))
            stream.Record(WholeAnswer.UnexpectedType);
        var reply = await stream.ReplyAsync(CancellationToken.None).ConfigureAwait(false);
        // Checked after reading, as for a whole answer that arrives instead of a stream: an error in it says more.
        return wire.IsGathered || !client.Options.Strict
            ? reply
            : throw EventBuffer.Refuse(QuirkKind.StreamUnrequested, "Content-Type").With(usage: reply.Usage);
    }

    private ChatReply ReadReply(ReadOnlySpan<byte> body, HttpAnswer answer, WireRequest wire, ChatRequest request)
    {
        using var events = new EventBuffer(client.DecodingOf(wire.RequestsLogProbs));
        foreach (var quirk in wire.Quirks)
            events.Record(quirk);
        if (answer.WasSentAgain)
            events.Record(WholeAnswer.SentAgain);
        bool isUnexpected = !ContentTypeCheck.IsJson(answer.MediaType);
        if (isUnexpected && client.Options.Strict)
            throw client.Errors.Enrich(ContentTypeCheck.Refuse(answer.Status, answer.MediaType), answer, wire, request, body);
        if (isUnexpected)
            events.Record(WholeAnswer.UnexpectedType);
        try
        {
            client.Provider.Protocol.ReadReply(body, events);
        }
        catch (LlmException e)
        {
            throw client.Errors.Enrich(
                isUnexpected && e.Kind == LlmErrorKind.MalformedResponse ? e.With(hint: ContentTypeCheck.Hint(answer.MediaType)) : e,
                answer,
                wire,
                request,
                body
            );
        }
        var builder = new ReplyBuilder();
        while (events.MoveNext())
            builder.Add(events.Current);
        var reply = builder.Build();
        return reply with
        {
            Cost = client.CostOf(reply.Usage, reply.Model, request.Model ?? client.Model, ResponseHead.Cost(answer.Headers)),
            Quirks = events.Quirks,
            RateLimits = ResponseHead.RateLimits(answer.Headers),
            RequestId = ResponseHead.RequestId(answer.Headers),
            Provider = client.Provider.Name,
            RequestedModel = request.Model ?? client.Model,
            UsageConvention = client.Provider.Protocol.UsageConvention,
            // Checked first, so that the list of secrets is made only if it is needed.
            Headers = client.Options.KeepRaw ? client.Errors.Headers(answer, KeyHeaders.Secrets(request.Headers, wire)) : [],
            Json = client.Options.KeepRaw ? WholeAnswer.Json(body) : default,
        };
    }
}
