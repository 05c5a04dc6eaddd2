using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>The vectors of a chain's clients: all of a request by one of them, and comparable with those that were given before. Thread-safe.</summary>
internal sealed class EmbeddingFallback(FallbackChain chain)
{
    // How many numbers the vectors have that were given so far; 0 before there are any.
    private int _dimensions;

    /// <summary>Gives the vectors of texts by the first client that can.</summary>
    public async Task<Embeddings> EmbedAsync(EmbeddingRequest request, ChainTelemetry? telemetry, CancellationToken cancellationToken)
    {
        Check(request);
        var call = new FallbackCall(chain, new ChatRequest(), chain.Order(), hasOneRequest: true) { Telemetry = telemetry };
        return await call.AskInTurnAsync(call.Ask(), (asking, _, token) => EmbedByOneAsync(request, asking, token), isStream: false, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Embeddings> EmbedByOneAsync(EmbeddingRequest request, FallbackCall call, CancellationToken cancellationToken)
    {
        long start = call.Now;
        var vectors = await EmbeddingCalls.EmbedAsync(call.Client, request, call, cancellationToken).ConfigureAwait(false);
        if (OddLength(vectors, request, call.Client) is not { } odd)
            return vectors;
        call.Decline(odd, start);
        throw odd;
    }

    private void Check(EmbeddingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!chain.Options.SameEmbeddings && chain.Clients.Any(client => client.Model != chain.Clients[0].Model))
            throw new InvalidOperationException($"The clients of this chain ask several models ({string.Join(", ", chain.Clients.Select(client => client.Model).Distinct())}), and vectors of different models cannot be compared. Give all the same, or set FallbackOptions.SameEmbeddings where it is one model under several names.");
        if (request.Model is not null)
            throw new ArgumentException("Each client of a chain asks its own model: leave EmbeddingRequest.Model empty.", nameof(request));
        ArgumentNullException.ThrowIfNull(request.Headers);
        if (request.Headers.Count > 0)
            throw new ArgumentException("Headers may hold what one service alone may see: put them on its Provider.", nameof(request));
        if (!chain.IsOneWire && request.Extra is { Count: > 0 })
            throw new ArgumentException("Extra members belong to one wire, and the clients of this chain speak several.", nameof(request));
        if (!chain.IsOneHost && request.Credential is not null)
            throw new ArgumentException("A credential is one service's own, and the clients of this chain ask several: put the keys on their Providers.", nameof(request));
    }

    // A service may pass over Dimensions, or call another model by the same name.
    private LlmException? OddLength(Embeddings vectors, EmbeddingRequest request, LlmClient client)
    {
        int wanted = request.Dimensions
            ?? (request.Extra is { Count: > 0 } ? vectors.Dimensions : Interlocked.CompareExchange(ref _dimensions, vectors.Dimensions, 0) is > 0 and var known ? known : vectors.Dimensions);
        return vectors.Dimensions == wanted ? null
            : new LlmException(LlmErrorKind.MalformedResponse, $"{client.Model} at {client.Provider.Title} gave vectors of {vectors.Dimensions} numbers, and {(request.Dimensions is null ? $"those of this chain have {wanted}" : $"{wanted} were asked for")}: they cannot be compared.")
            {
                Phase = LlmPhase.Done,
                Provider = client.Provider.Name,
                Model = client.Model,
                RequestId = vectors.RequestId,
                Usage = vectors.Usage,
                RateLimits = vectors.RateLimits,
            };
    }
}
