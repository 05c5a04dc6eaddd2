using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>Asks for embeddings, batch by batch.</summary>
internal static class EmbeddingCalls
{
    /// <summary>Returns the batches in which texts are sent.</summary>
    public static IEnumerable<EmbeddingRequest> Batches(LlmClient client, EmbeddingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        client.ThrowIfDisposed();
        if (client.Provider.Protocol.MaxEmbeddingInputs is not (> 0 and var maxInputs))
            throw client.Errors.Unsupported($"{client.Provider.Title} offers no embeddings on this wire.");
        return EmbeddingBatches.Split(request with { Model = request.Model ?? client.Model }, maxInputs);
    }

    /// <summary>Returns what is sent along with all batches of a request.</summary>
    public static ChatRequest Carrier(EmbeddingRequest request, string model) =>
        new()
        {
            Model = model,
            Headers = request.Headers,
            Credential = request.Credential,
        };

    /// <summary>Returns the embeddings of all batches.</summary>
    /// <param name="client">The client to ask.</param>
    /// <param name="request">The texts.</param>
    /// <param name="chain">The fallback chain's call that this is part of; null for a client alone.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public static Task<Embeddings> EmbedAsync(
        LlmClient client,
        EmbeddingRequest request,
        FallbackCall? chain,
        CancellationToken cancellationToken
    ) =>
        TelemetrySwitch.IsSupported && CallTelemetry.Begin(client, request, chain?.Telemetry) is { } telemetry
            ? telemetry.FollowAsync(EmbedAsync(client, request, chain, telemetry, cancellationToken), AnswerFacts.Of)
            : EmbedAsync(client, request, chain, telemetry: null, cancellationToken);

    private static async Task<Embeddings> EmbedAsync(
        LlmClient client,
        EmbeddingRequest request,
        FallbackCall? chain,
        CallTelemetry? telemetry,
        CancellationToken cancellationToken
    )
    {
        var split = Batches(client, request);
        string model = request.Model ?? client.Model;
        var carrier = Carrier(request, model);
        // The deadline applies to all batches together.
        long start = chain?.Start(client.Options.Time) ?? client.Options.Time.GetTimestamp();
        long asked = chain?.Now ?? 0;
        var gathering = new EmbeddingsGathering(client, carrier);
        var failed = new List<LlmAttempt>();
        bool hasBegun = false;
        foreach (var batch in split)
        {
            // Not before the first batch: another client may already have been asked for it.
            if (hasBegun)
                chain?.BeginRequest();
            hasBegun = true;
            cancellationToken.ThrowIfCancellationRequested();
            var call = new LlmCall(client, client.Requests.Write(batch, carrier), carrier, cancellationToken)
            {
                Chain = chain,
                Start = start,
                Telemetry = telemetry,
                Batch = batch,
            };
            try
            {
                await WholeAnswer
                    .ReadAsync(
                        call,
                        client.Options.Limits.ReplyBytes,
                        (answer, body) => gathering.Add(answer, body.Span, batch.Inputs.Count)
                    )
                    .ConfigureAwait(false);
                gathering.AddQuirks(call.Wire.Quirks);
            }
            finally
            {
                call.Wire.Dispose();
            }
            if (chain is null && call.Earlier is { } earlier)
                failed.AddRange(earlier.Failed);
        }
        try
        {
            return gathering.Build() with { Attempts = chain?.Attempts ?? failed };
        }
        catch (LlmException e) when (chain is not null)
        {
            chain.Decline(e, asked);
            throw;
        }
    }
}
