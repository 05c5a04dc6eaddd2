using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Asks a service what models it has.</summary>
internal static class ModelCalls
{
    private const int MostPages = 1000;
    private const int MostPageCharacters = 16 << 10;

    /// <summary>All models, of all pages.</summary>
    public static async Task<IReadOnlyList<ModelInfo>> ListAsync(LlmClient client, CallTelemetry? telemetry, CancellationToken cancellationToken)
    {
        client.ThrowIfDisposed();
        var models = new List<ModelInfo>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? page = null;
        // Both bounds hold for all pages together.
        long start = client.Options.Time.GetTimestamp();
        int left = client.Options.Limits.ReplyBytes;
        do
        {
            using var wire = client.Requests.WriteModels(page);
            await WholeAnswer.ReadAsync(new LlmCall(client, wire, request: null, cancellationToken) { Start = start, Telemetry = telemetry }, left, ReadPage).ConfigureAwait(false);
        }
        while (page is not null);
        return models;

        void ReadPage(HttpAnswer answer, PooledBody body)
        {
            left -= body.Span.Length;
            if (!ModelListing.TryRead(body.Span, client.Options.Limits, models, out page))
                throw WholeAnswer.NotExpected(body.Span, client.Options.Limits, "The list of models is not the JSON that was expected.");
            // .NET 9 makes no address of more than 65,519 characters, and no server reads one of a quarter of that.
            if (page?.Length > MostPageCharacters)
                throw new LlmException(LlmErrorKind.MalformedResponse, "The list of models names its next page by a text that is too long for an address.") { Phase = LlmPhase.Streaming };
            if (page is not null && (!seen.Add(page) || seen.Count > MostPages))
                throw new LlmException(LlmErrorKind.MalformedResponse, "The list of models does not end: a page names one that was there before, or there are more than a thousand.") { Phase = LlmPhase.Streaming };
        }
    }

    /// <summary>What the service says of one model.</summary>
    public static async Task<ModelInfo> DescribeAsync(LlmClient client, string model, CallTelemetry? telemetry, CancellationToken cancellationToken)
    {
        client.ThrowIfDisposed();
        using var wire = client.Requests.WriteModel(model);
        ModelInfo? described = null;
        await WholeAnswer.ReadAsync(new LlmCall(client, wire, request: null, cancellationToken) { Telemetry = telemetry }, client.Options.Limits.ReplyBytes, (_, body) =>
            described = ModelListing.ReadOne(body.Span, model, client.Options.Limits) ?? throw WholeAnswer.NotExpected(body.Span, client.Options.Limits, "The description of the model is not the JSON that was expected.")).ConfigureAwait(false);
        return described!;
    }
}
