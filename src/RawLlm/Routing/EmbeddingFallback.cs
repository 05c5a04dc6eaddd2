using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>
/// The embeddings of a chain's clients: all of a request from one client, and comparable with those returned before. Thread-safe.
/// </summary>
internal sealed class EmbeddingFallback(FallbackChain chain)
{
    // The dimensions of the embeddings returned so far; 0 before the first.
    private int _dimensions;

    /// <summary>Returns the embeddings of texts from the first client that can provide them.</summary>
    public async Task<Embeddings> EmbedAsync(EmbeddingRequest request, ChainTelemetry? telemetry, CancellationToken cancellationToken)
    {
        Check(request);
        var call = new FallbackCall(chain, new ChatRequest(), chain.Order(), hasOneRequest: true) { Telemetry = telemetry };
        return await call.AskInTurnAsync(
                call.PrepareRequest(),
                (asking, _, token) => EmbedByOneAsync(request, asking, token),
                isStream: false,
                cancellationToken
            )
            .ConfigureAwait(false);
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
        if (!chain.Options.TreatEmbeddingsAsCompatible && chain.Clients.Any(client => client.Model != chain.Clients[0].Model))
        {
            throw new InvalidOperationException(
                $"The clients of this chain use several models ({string.Join(", ", chain.Clients.Select(client => client.Model).Distinct())}), and embeddings of different models cannot be compared. Give all clients the same model, or set FallbackOptions.TreatEmbeddingsAsCompatible if it is one model under several names."
            );
        }

        if (request.Model is not null)
            throw new ArgumentException("Each client of a chain uses its own model: leave EmbeddingRequest.Model unset.", nameof(request));
        ArgumentNullException.ThrowIfNull(request.Headers);
        if (request.Headers.Count > 0)
            throw new ArgumentException("Headers may contain what only one service may see: set them on its Provider.", nameof(request));
        if (!chain.IsOneWire && request.Extra is { Count: > 0 })
        {
            throw new ArgumentException(
                "Extra members belong to one wire, but the clients of this chain use several: leave EmbeddingRequest.Extra empty.",
                nameof(request)
            );
        }

        if (!chain.IsOneHost && request.Credential is not null)
        {
            throw new ArgumentException(
                "A credential belongs to one service, but the clients of this chain use several: set the API keys on their Providers.",
                nameof(request)
            );
        }
    }

    // A service may ignore Dimensions, or use the same name for another model.
    private LlmException? OddLength(Embeddings vectors, EmbeddingRequest request, LlmClient client)
    {
        int wanted =
            request.Dimensions
            ?? (
                request.Extra is { Count: > 0 } ? vectors.Dimensions
                : Interlocked.CompareExchange(ref _dimensions, vectors.Dimensions, 0) is > 0 and var known ? known
                : vectors.Dimensions
            );
        return vectors.Dimensions == wanted
            ? null
            : new LlmException(
                LlmErrorKind.MalformedResponse,
                $"{client.Model} at {client.Provider.Title} returned embeddings of {vectors.Dimensions} dimensions, but {(request.Dimensions is null ? $"those of this chain have {wanted}" : $"{wanted} were requested")}: they cannot be compared."
            )
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
