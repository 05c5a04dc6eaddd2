namespace RawLlm;

/// <summary>Cuts texts into batches and joins the vectors of them, in order.</summary>
internal static class EmbeddingBatches
{
    /// <summary>The batches, each as large as the wire and the request let it be.</summary>
    /// <exception cref="ArgumentException">There is no text, or one is null, or the size is not positive.</exception>
    public static IEnumerable<EmbeddingRequest> Split(EmbeddingRequest request, int most)
    {
        if (request.Inputs is not { Count: > 0 } inputs || inputs.Any(input => input is null))
            throw new ArgumentException("There must be a text, and none may be null.", nameof(request));
        int size = request.BatchSize ?? most;
        if (size <= 0)
            throw new ArgumentException("A batch holds at least one text.", nameof(request));
        return Cut(request, Math.Min(size, most));
    }

    /// <summary>All batches as one answer.</summary>
    public static Embeddings Join(List<Embeddings> batches)
    {
        if (batches is [var only])
            return only;
        var vectors = new List<float[]>(batches.Sum(batch => batch.Vectors.Count));
        foreach (var batch in batches)
            vectors.AddRange(batch.Vectors);
        if (vectors.Any(vector => vector.Length != vectors[0].Length))
            throw new LlmException(LlmErrorKind.MalformedResponse, "The service gave vectors of different lengths for different batches.") { Phase = LlmPhase.Done };
        return new Embeddings(vectors, batches[0].Model, batches.All(batch => batch.Usage is not null) ? Sum([.. batches.Select(batch => batch.Usage!)]) : null);
    }

    /// <summary>What all batches cost; null where one does not say.</summary>
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
            yield return request with { Inputs = [.. request.Inputs.Skip(start).Take(size)] };
    }

    private static Usage Sum(List<Usage> all) => new()
    {
        InputTokens = Sum(all, usage => usage.InputTokens),
        TotalTokens = Sum(all, usage => usage.TotalTokens),
        ReportedCost = Sum([.. all.Select(usage => usage.ReportedCost)]),
    };

    // What one batch does not say is not known of all, and neither is a sum that no number holds.
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
