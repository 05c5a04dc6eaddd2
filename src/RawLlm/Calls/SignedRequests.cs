using RawLlm.Protocols;

namespace RawLlm;

/// <summary>The requests of one client: checked, written by its wire, addressed and signed. Thread-safe.</summary>
/// <remarks>The caller disposes the requests that it has written.</remarks>
internal sealed class SignedRequests(LlmClient client)
{
    private readonly bool _notesKeys = client.Credential.Secrets is null;
    private readonly KnownAddress?[] _addresses = new KnownAddress?[2];
    private Capabilities? _known;
    private bool _hasCheckedHeaders;

    /// <summary>Writes a request for an answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="stream">Whether to request the answer as a stream.</param>
    /// <param name="isKept">Whether to continue from the kept bytes of an earlier request, and to keep the bytes of this one.</param>
    /// <param name="dialect">The dialect; null for that of the model.</param>
    public WireRequest Write(ChatRequest request, bool stream, bool isKept = true, WireProtocol? dialect = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        client.ThrowIfDisposed();
        CheckCapabilities(request, stream);
        var provider = client.Provider;
        string model = request.Model ?? client.Model;
        dialect ??= client.DialectOf(model);
        var wire = new WireRequest
        {
            BaseUrl = provider.BaseUrl,
            Origin = client.Decoding.Origin,
            IsStream = stream,
            KnownUrl = Volatile.Read(ref _addresses[stream ? 1 : 0]) is { } known && known.Model == model ? known.Url : null,
        };
        wire.RequestsLogProbs = request.TopLogProbs is not null || request.Extra?.ContainsKey("logprobs") == true;
        try
        {
            var whole = Named(request);
            if (isKept && !IsShort(whole))
                client.KeptBodies?.Begin(dialect, whole, wire);
            dialect.WriteRequest(whole, stream, wire);
            wire.EndWriting(isWhole: true);
            Sign(wire, request, model);
            return wire;
        }
        catch
        {
            wire.EndWriting(isWhole: false);
            wire.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes the request again, without the data that the model's answers require back (<see cref="Part.WireData"/>); returns null if that
    /// gives the same bytes.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="refused">The request as it was sent.</param>
    /// <param name="dialect">The dialect of an earlier adaption; null if there was none.</param>
    public WireRequest? WriteWithoutReasoning(ChatRequest request, WireRequest refused, WireProtocol? dialect)
    {
        if (ForeignWireData.Of(request.Messages, client.Decoding.Origin) is not { } messages)
            return null;
        if (Changed(Write(request with { Messages = messages }, refused.IsStream, isKept: false, dialect), refused) is not { } wire)
            return null;
        wire.Note(QuirkKind.ReasoningRefused, "messages");
        return wire;
    }

    /// <summary>Writes a refused request again in another dialect; returns null if that gives the same bytes.</summary>
    /// <param name="request">The request, or what is sent along with the batch.</param>
    /// <param name="batch">The batch of embeddings; null for a conversation.</param>
    /// <param name="refused">The request as it was sent.</param>
    /// <param name="dialect">The dialect.</param>
    /// <param name="withoutReasoning">Whether the service has refused the reasoning in the conversation before.</param>
    public WireRequest? WriteAdapted(
        ChatRequest request,
        EmbeddingRequest? batch,
        WireRequest refused,
        WireProtocol dialect,
        bool withoutReasoning
    )
    {
        try
        {
            if (batch is not null)
                return Changed(Write(batch, request, dialect), refused);
            var messages = withoutReasoning ? ForeignWireData.Of(request.Messages, client.Decoding.Origin) : null;
            var asked = messages is null ? request : request with { Messages = messages };
            var wire = Changed(Write(asked, refused.IsStream, isKept: false, dialect), refused);
            if (messages is not null)
                wire?.Note(QuirkKind.ReasoningRefused, "messages");
            return wire;
        }
        // The request sets the member that would be sent instead.
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Writes a request without sending it, to learn whether the wire can carry it.</summary>
    /// <exception cref="ArgumentException">The wire cannot carry it.</exception>
    public void Check(ChatRequest request, bool stream)
    {
        using var wire = new WireRequest
        {
            BaseUrl = client.Provider.BaseUrl,
            Origin = client.Decoding.Origin,
            IsStream = stream,
        };
        client.Provider.Protocol.WriteRequest(Named(request), stream, wire);
    }

    /// <summary>Writes a request to count another request's tokens; returns null if the wire has none.</summary>
    public WireRequest? WriteCount(ChatRequest request) =>
        Finish(
            new() { BaseUrl = client.Provider.BaseUrl, Origin = client.Decoding.Origin },
            wire => client.Provider.Protocol.WriteCountRequest(Named(request), wire),
            request
        );

    /// <summary>Writes a request for a batch of embeddings.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="carrier">What is sent along with all batches.</param>
    /// <param name="dialect">The dialect; null for that of the model.</param>
    public WireRequest Write(EmbeddingRequest batch, ChatRequest carrier, WireProtocol? dialect = null)
    {
        dialect ??= client.DialectOf(batch.Model ?? client.Model);
        return Finish(new() { BaseUrl = client.Provider.BaseUrl }, WriteBatch, carrier)!;

        bool WriteBatch(WireRequest wire)
        {
            dialect.WriteEmbeddingRequest(batch, wire);
            return true;
        }
    }

    /// <summary>Writes a request for the list of models.</summary>
    /// <param name="page">The query that names the page; null for the first page.</param>
    public WireRequest WriteModels(string? page)
    {
        var elsewhere = client.Provider.ModelsAddress();
        return Finish(
                new()
                {
                    BaseUrl = elsewhere ?? client.Provider.BaseUrl,
                    Method = "GET",
                    ContentType = null,
                },
                WriteList,
                carrier: null
            ) ?? throw client.Errors.Unsupported($"{client.Provider.Title} has no list of models on this wire.");

        bool WriteList(WireRequest wire)
        {
            if (elsewhere is not null)
                wire.Url = elsewhere;
            else if (!client.Provider.Protocol.WriteModelsRequest(wire))
                return false;
            if (page is not null)
                wire.Url = new Uri($"{wire.Url!.AbsoluteUri}{(wire.Url.Query.Length > 0 ? '&' : '?')}{page}");
            return true;
        }
    }

    /// <summary>Writes a request for the description of one model.</summary>
    public WireRequest WriteModel(string model) =>
        Finish(
            new()
            {
                BaseUrl = client.Provider.BaseUrl,
                Method = "GET",
                ContentType = null,
            },
            wire => client.Provider.Protocol.WriteModelRequest(model, wire),
            carrier: null
        ) ?? throw client.Errors.Unsupported($"{client.Provider.Title} does not describe single models on this wire.");

    /// <summary>Lets the credential sign the request, again for each attempt, and records keys that become known only then.</summary>
    public void Authenticate(WireRequest wire, ChatRequest? request = null)
    {
        var credential = request?.Credential ?? client.Credential;
        // The client's own keys are already known, unless they are only in the headers.
        if (!credential.IsSecret || (!_notesKeys && request?.Credential is null))
        {
            credential.Sign(wire);
            return;
        }
        var before = wire.CopyHeaders();
        credential.Sign(wire);
        KeyHeaders.RecordSecrets(wire, before);
    }

    // Returns null, and disposes the request, if it is the same as the refused one.
    private static WireRequest? Changed(WireRequest wire, WireRequest refused)
    {
        if (wire.Body.Span.SequenceEqual(refused.Body.Span))
        {
            wire.Dispose();
            return null;
        }
        if (refused.Secrets is { } secrets)
            wire.Secrets = [.. secrets, .. wire.Secrets ?? []];
        return wire;
    }

    // Returns null if there is nothing to write; disposes the request on any failure.
    private WireRequest? Finish(WireRequest wire, Func<WireRequest, bool> write, ChatRequest? carrier)
    {
        try
        {
            if (write(wire))
            {
                Sign(wire, carrier);
                return wire;
            }
        }
        catch
        {
            wire.Dispose();
            throw;
        }
        wire.Dispose();
        return null;
    }

    // Adds the client's model if the request names none.
    private ChatRequest Named(ChatRequest request) => request.Model is null ? request with { Model = client.Model } : request;

    private void Sign(WireRequest wire, ChatRequest? request, string? conversesWith = null)
    {
        var provider = client.Provider;
        SetHeaders(wire, provider.Headers);
        if (request is not null)
            SetHeaders(wire, request.Headers);
        if (wire.Url is null || !ReferenceEquals(wire.Url, wire.KnownUrl))
        {
            ProviderCheck.CheckUrl(provider, wire);
            if (conversesWith is not null && provider.Protocol.HasOneAddress)
                Volatile.Write(ref _addresses[wire.IsStream ? 1 : 0], new KnownAddress(conversesWith, wire.Url!));
        }
        ProviderCheck.CheckHeaders(provider, wire, client.Options);
        if (request?.Credential is { } own)
            ProviderCheck.CheckCredential(provider, own, client.Options);
        Authenticate(wire, request);
        CheckKeys(wire, request);
    }

    // If another key replaced one that was set by hand, the wrong account would be billed.
    private void CheckKeys(WireRequest wire, ChatRequest? request)
    {
        if (request is not null && KeyHeaders.Replaced(wire, request.Headers, request.Credential ?? client.Credential) is { } name)
        {
            throw new ArgumentException(
                request.Credential is null
                    ? $"The client's credential sets '{name}' itself, which would replace the request's header. Give the key as ChatRequest.Credential (EmbeddingRequest.Credential); or create the client with Credential.None, which leaves the header to its requests."
                    : $"The request's Credential sets '{name}' itself: leave that header out of its Headers.",
                nameof(request)
            );
        }
        // The provider's headers never change: one check is enough.
        if (_hasCheckedHeaders || request?.Credential is not null)
            return;
        if (KeyHeaders.Replaced(wire, client.Provider.Headers, client.Credential, instead: request?.Headers) is { } own)
        {
            throw new ArgumentException(
                $"The client's credential sets '{own}' itself, which would replace the header in Provider.Headers: leave out one of the two; Credential.None sets nothing.",
                nameof(request)
            );
        }
        // Headers that this request replaced are still unchecked.
        _hasCheckedHeaders = request is null or { Headers.Count: 0 };
    }

    private void CheckCapabilities(ChatRequest request, bool stream)
    {
        if (!client.Options.CheckCapabilities)
            return;
        var provider = client.Provider;
        string model = request.Model ?? client.Model;
        var check = provider.Check;
        var known = Capabilities.Unknown;
        if (check is not null)
            known = model == client.Model ? _known ??= check.Known(provider, model) : check.Known(provider, model);
        if ((check?.Problem(known, request, stream) ?? provider.Protocol.Problem(request, model)) is { } problem)
            throw Refuse(LlmErrorKind.Unsupported, problem, model, requested: null, maximum: null);
        if (check?.TooLong(known, request) is { } tokens)
            throw Refuse(LlmErrorKind.ContextLengthExceeded, check.Overflow(known, tokens), model, tokens, known.ContextTokens);
    }

    private LlmException Refuse(LlmErrorKind kind, string problem, string model, long? requested, long? maximum) =>
        new(kind, $"{model} at {client.Provider.Title} {problem}. LlmClientOptions.CheckCapabilities = false sends the request anyway.")
        {
            Provider = client.Provider.Name,
            Model = model,
            Phase = LlmPhase.Configure,
            RequestedTokens = requested,
            MaximumTokens = maximum,
        };

    // Its body would not be kept (KeptBodies.MinBytes), and looking for a kept body takes a third of the time of writing it.
    private static bool IsShort(ChatRequest request) =>
        request is { Messages: [{ Parts: [TextPart { Text.Length: <= 512 }] }], Tools.Count: 0, System: null or { Length: <= 512 } };

    private static void SetHeaders(WireRequest wire, IReadOnlyDictionary<string, string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        // Looping over an interface allocates an object, even if there is nothing to loop over.
        if (headers.Count == 0)
            return;
        foreach (var (name, value) in headers)
            wire.SetHeader(name, value);
    }
}
