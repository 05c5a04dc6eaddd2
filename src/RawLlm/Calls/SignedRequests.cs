using RawLlm.Protocols;

namespace RawLlm;

/// <summary>The requests of one client: checked, written by its wire, addressed and signed. Thread-safe.</summary>
/// <remarks>Whoever has one written disposes of it.</remarks>
internal sealed class SignedRequests(LlmClient client)
{
    private readonly bool _notesKeys = client.Credential.Secrets is null;
    private readonly KnownAddress?[] _addresses = new KnownAddress?[2];
    private Capabilities? _known;
    private bool _hasCheckedHeaders;

    /// <summary>A request for an answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="stream">Whether the answer is to come as a stream.</param>
    /// <param name="isKept">Whether it may go on in the bytes of an earlier one, and its own are kept.</param>
    public WireRequest Write(ChatRequest request, bool stream, bool isKept = true)
    {
        ArgumentNullException.ThrowIfNull(request);
        client.ThrowIfDisposed();
        CheckCapabilities(request, stream);
        var provider = client.Provider;
        string model = request.Model ?? client.Model;
        var wire = new WireRequest { BaseUrl = provider.BaseUrl, Origin = client.Decoding.Origin, IsStream = stream, KnownUrl = Volatile.Read(ref _addresses[stream ? 1 : 0]) is { } known && known.Model == model ? known.Url : null };
        wire.AsksLogProbs = request.TopLogProbs is not null || request.Extra?.ContainsKey("logprobs") == true;
        try
        {
            var whole = Named(request);
            if (isKept && !IsShort(whole))
                client.Kept?.Begin(provider.Protocol, whole, wire);
            provider.Protocol.WriteRequest(whole, stream, wire);
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

    /// <summary>The request once more, without what the model's answers want back; null where that would be the same bytes.</summary>
    public WireRequest? WriteWithoutThoughts(ChatRequest request, WireRequest refused)
    {
        if (DisownedMessages.Of(request.Messages, client.Decoding.Origin) is not { } messages)
            return null;
        var wire = Write(request with { Messages = messages }, refused.IsStream, isKept: false);
        if (wire.Body.Span.SequenceEqual(refused.Body.Span))
        {
            wire.Dispose();
            return null;
        }
        if (refused.Secrets is { } secrets)
            wire.Secrets = [.. secrets, .. wire.Secrets ?? []];
        wire.Note(QuirkKind.ThoughtsRefused, "messages");
        return wire;
    }

    /// <summary>Writes a request for nobody, to learn whether the wire can carry it.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public void Check(ChatRequest request, bool stream)
    {
        using var wire = new WireRequest { BaseUrl = client.Provider.BaseUrl, Origin = client.Decoding.Origin, IsStream = stream };
        client.Provider.Protocol.WriteRequest(Named(request), stream, wire);
    }

    /// <summary>A request for the number of another one's tokens; null where the wire has none.</summary>
    public WireRequest? WriteCount(ChatRequest request) =>
        Finish(new() { BaseUrl = client.Provider.BaseUrl, Origin = client.Decoding.Origin }, wire => client.Provider.Protocol.WriteCountRequest(Named(request), wire), request);

    /// <summary>A request for a batch of vectors.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="carrier">What goes along with all of them.</param>
    public WireRequest Write(EmbeddingRequest batch, ChatRequest carrier)
    {
        return Finish(new() { BaseUrl = client.Provider.BaseUrl }, WriteBatch, carrier)!;

        bool WriteBatch(WireRequest wire)
        {
            client.Provider.Protocol.WriteEmbeddingRequest(batch, wire);
            return true;
        }
    }

    /// <summary>A request for the list of models.</summary>
    /// <param name="page">What names the page; null for the first.</param>
    public WireRequest WriteModels(string? page)
    {
        var elsewhere = client.Provider.ModelsAddress();
        return Finish(new() { BaseUrl = elsewhere ?? client.Provider.BaseUrl, Method = "GET", ContentType = null }, WriteList, carrier: null)
            ?? throw client.Errors.Unsupported($"{client.Provider.Title} has no list of models on this wire.");

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

    /// <summary>A request for what is said of one model.</summary>
    public WireRequest WriteModel(string model) =>
        Finish(new() { BaseUrl = client.Provider.BaseUrl, Method = "GET", ContentType = null }, wire => client.Provider.Protocol.WriteModelRequest(model, wire), carrier: null)
        ?? throw client.Errors.Unsupported($"{client.Provider.Title} does not describe single models on this wire.");

    /// <summary>Has the credential sign, for each attempt anew, and notes what only then is known to be a key.</summary>
    public void Authenticate(WireRequest wire, ChatRequest? request = null)
    {
        var credential = request?.Credential ?? client.Credential;
        // The keys of the client's own are known, unless they stand in the headers alone.
        if (!credential.IsSecret || (!_notesKeys && request?.Credential is null))
        {
            credential.Sign(wire);
            return;
        }
        var before = wire.CopyHeaders();
        credential.Sign(wire);
        KeyHeaders.Note(wire, before);
    }

    // Null where there is nothing to be written; whatever fails, the request is disposed of.
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

    // With the client's model where it names none.
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

    // A key that is set by hand and replaced by another one would be billed to whoever holds that.
    private void CheckKeys(WireRequest wire, ChatRequest? request)
    {
        if (request is not null && KeyHeaders.Replaced(wire, request.Headers, request.Credential ?? client.Credential) is { } name)
        {
            throw new ArgumentException(request.Credential is null
                ? $"The client's credential sets '{name}' itself, in place of the request's header. Give the key as ChatRequest.Credential (EmbeddingRequest.Credential); or make the client with Credential.None, which leaves the header to its requests."
                : $"The request's Credential sets '{name}' itself: leave that out of its Headers.", nameof(request));
        }
        // Always the same: once is enough.
        if (_hasCheckedHeaders || request?.Credential is not null)
            return;
        if (KeyHeaders.Replaced(wire, client.Provider.Headers, client.Credential, instead: request?.Headers) is { } own)
            throw new ArgumentException($"The client's credential sets '{own}' itself, in place of the header among Provider.Headers: leave one of the two out; Credential.None sets nothing.", nameof(request));
        // Those that a request has replaced are still to be seen.
        _hasCheckedHeaders = request is null or { Headers.Count: 0 };
    }

    private void CheckCapabilities(ChatRequest request, bool stream)
    {
        if (!client.Options.ChecksCapabilities)
            return;
        var provider = client.Provider;
        string model = request.Model ?? client.Model;
        var known = model == client.Model ? _known ??= provider.CapabilitiesOf(model) : provider.CapabilitiesOf(model);
        if ((CapabilityCheck.Problem(known, request, stream) ?? provider.Protocol.Problem(request, model)) is { } problem)
            throw Refuse(LlmErrorKind.Unsupported, problem, model, requested: null, maximum: null);
        if (CapabilityCheck.TooLong(known, request) is { } tokens)
            throw Refuse(LlmErrorKind.ContextLengthExceeded, $"holds {known.ContextTokens} tokens of prompt and answer together, and the prompt has about {tokens}; shorten it", model, tokens, known.ContextTokens);
    }

    private LlmException Refuse(LlmErrorKind kind, string problem, string model, long? requested, long? maximum) =>
        new(kind, $"{model} at {client.Provider.Title} {problem}. LlmClientOptions.ChecksCapabilities = false sends the request all the same.")
        {
            Provider = client.Provider.Name,
            Model = model,
            Phase = LlmPhase.Configure,
            RequestedTokens = requested,
            MaximumTokens = maximum,
        };

    // Its body would not be kept (KeptBodies.LeastBytes), and looking for it takes a third of the time that writing it takes.
    private static bool IsShort(ChatRequest request) =>
        request is { Messages: [{ Parts: [TextPart { Text.Length: <= 512 }] }], Tools.Count: 0, System: null or { Length: <= 512 } };

    private static void SetHeaders(WireRequest wire, IReadOnlyDictionary<string, string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        // The loop over an interface makes an object even where there is nothing.
        if (headers.Count == 0)
            return;
        foreach (var (name, value) in headers)
            wire.SetHeader(name, value);
    }
}
