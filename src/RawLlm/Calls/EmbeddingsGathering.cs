using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>The embeddings of a request's batches as they arrive, with what else their answers contain. Not thread-safe.</summary>
internal sealed class EmbeddingsGathering(LlmClient client, ChatRequest carrier)
{
    private readonly List<Embeddings> _batches = [];
    private readonly List<Quirk> _quirks = [];
    private readonly List<decimal?> _costs = [];
    private RateLimits? _rateLimits;
    private string? _requestId;

    /// <summary>Reads the answer to a batch.</summary>
    /// <param name="answer">The head of the answer.</param>
    /// <param name="body">The complete body.</param>
    /// <param name="count">The number of texts in the batch.</param>
    /// <exception cref="LlmException">It contains no embeddings, or not those that were requested.</exception>
    public void Add(HttpAnswer answer, ReadOnlySpan<byte> body, int count)
    {
        bool isUnexpected = !ContentTypeCheck.IsJson(answer.MediaType);
        if (isUnexpected && client.Options.Strict)
            throw ContentTypeCheck.Refuse(answer.Status, answer.MediaType);
        try
        {
            var batch = client.Provider.Protocol.ReadEmbeddings(body, count, client.Options.Limits);
            if (client.Options.Strict && batch.Quirks is [var quirk, ..])
                throw EventBuffer.Refuse(quirk.Kind, quirk.Place);
            _batches.Add(batch);
            _quirks.AddRange(batch.Quirks);
        }
        catch (LlmException e) when (isUnexpected && e.Kind == LlmErrorKind.MalformedResponse)
        {
            throw e.With(hint: ContentTypeCheck.Hint(answer.MediaType));
        }
        if (answer.WasSentAgain)
            _quirks.Add(WholeAnswer.SentAgain);
        if (isUnexpected)
            _quirks.Add(WholeAnswer.UnexpectedType);
        _rateLimits = ResponseHead.RateLimits(answer.Headers);
        _requestId = ResponseHead.RequestId(answer.Headers);
        _costs.Add(ResponseHead.Cost(answer.Headers));
    }

    /// <summary>Adds the quirks of a batch's request.</summary>
    public void AddQuirks(IEnumerable<Quirk> quirks) => _quirks.AddRange(quirks);

    /// <summary>Joins all batches into one answer, with the head of the last one.</summary>
    /// <exception cref="LlmException">The batches do not fit together.</exception>
    public Embeddings Build()
    {
        Embeddings all;
        try
        {
            all = EmbeddingBatches.Join(_batches);
        }
        catch (LlmException e)
        {
            throw e.With(
                provider: client.Provider.Name,
                model: carrier.Model,
                requestId: _requestId,
                rateLimits: _rateLimits,
                usedRequestCredential: client.Errors.UsesOwnCredential(carrier)
            );
        }
        return all with
        {
            Cost = client.CostOf(all.Usage, all.Model, carrier.Model!, EmbeddingBatches.Sum(_costs)),
            Quirks = [.. _quirks.Distinct()],
            RateLimits = _rateLimits,
            RequestId = _requestId,
            Provider = client.Provider.Name,
            RequestedModel = carrier.Model,
        };
    }
}
