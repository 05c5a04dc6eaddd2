namespace RawLlm;

/// <summary>Splits texts into batches and joins their embeddings, in order.</summary>
internal static class EmbeddingBatches
{
    /// <summary>Returns the batches, each as large as the wire and the request allow.</summary>
    /// <exception cref="ArgumentException">There is no text, a text is null, or the batch size is not positive.</exception>
    public static IEnumerable<EmbeddingRequest> Split(EmbeddingRequest request, int maxInputs)
    {
        if (request.Inputs is not { Count: > 0 } inputs || inputs.Any(input => input is null))
            throw new ArgumentException("EmbeddingRequest.Inputs must contain at least one text, and no null.", nameof(request));
        int size = request.BatchSize ?? maxInputs;
        if (size <= 0)
            throw new ArgumentException("EmbeddingRequest.BatchSize must be at least 1.", nameof(request));
        return Cut(request, Math.Min(size, maxInputs));
    }

    /// <summary>Joins all batches into one answer.</summary>
    public static Embeddings Join(List<Embeddings> batches)
    {
        if (batches is [var only])
            return only;
        var vectors = new List<float[]>(batches.Sum(batch => batch.Vectors.Count));
        foreach (var batch in batches)
            vectors.AddRange(batch.Vectors);
        if (vectors.Any(vector => vector.Length != vectors[0].Length))
        {
            throw new LlmException(
                LlmErrorKind.MalformedResponse,
                "The service returned embeddings with different dimensions for different batches."
            )
            {
                Phase = LlmPhase.Done,
            };
        }

        return new Embeddings(
            vectors,
            batches[0].Model,
            batches.All(batch => batch.Usage is not null) ? Sum([.. batches.Select(batch => batch.Usage!)]) : null
        );
    }

    /// <summary>Returns the cost of all batches; null if it is not known for one of them.</summary>
    public static decimal? Sum(List<decimal?> costs)
    {
        try
        {
            return costs.TrueForAll(cost => cost is not null) ? costs.Sum() : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static IEnumerable<EmbeddingRequest> Cut(EmbeddingRequest request, int size)
    {
        for (int start = 0; start < request.Inputs.Count; start += size)
        {
            yield return request with
            {
                Inputs = [.. request.Inputs.Skip(start).Take(size)],
            };
        }
    }

    private static Usage Sum(List<Usage> all) =>
        new()
        {
            InputTokens = Sum(all, usage => usage.InputTokens),
            TotalTokens = Sum(all, usage => usage.TotalTokens),
            ReportedCost = Sum([.. all.Select(usage => usage.ReportedCost)]),
        };

    // The sum is unknown if one batch does not report its count, or if the sum is too large for a number.
    private static long? Sum(List<Usage> all, Func<Usage, long?> of)
    {
        Int128 sum = 0;
        foreach (var usage in all)
        {
            if (of(usage) is not { } count)
                return null;
            sum += count;
        }
        return sum >= long.MinValue && sum <= long.MaxValue ? (long)sum : null;
    }
}
