using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Asks a service which models it has.</summary>
internal static class ModelCalls
{
    private const int MaxPages = 1000;
    private const int MaxPageCharacters = 16 << 10;

    /// <summary>Returns all models, from all pages.</summary>
    public static async Task<IReadOnlyList<ModelInfo>> ListAsync(
        LlmClient client,
        CallTelemetry? telemetry,
        CancellationToken cancellationToken
    )
    {
        client.ThrowIfDisposed();
        var models = new List<ModelInfo>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? page = null;
        // Both limits apply to all pages together.
        long start = client.Options.Time.GetTimestamp();
        int left = client.Options.Limits.ReplyBytes;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var wire = client.Requests.WriteModels(page);
            await WholeAnswer
                .ReadAsync(
                    new LlmCall(client, wire, request: null, cancellationToken) { Start = start, Telemetry = telemetry },
                    left,
                    ReadPage
                )
                .ConfigureAwait(false);
        } while (page is not null);
        return models;

        void ReadPage(HttpAnswer answer, PooledBody body)
        {
            left -= body.Span.Length;
            if (!ModelListing.TryRead(body.Span, client.Options.Limits, models, out page))
                throw WholeAnswer.NotExpected(body.Span, client.Options.Limits, "The list of models is not the expected JSON.");
            // .NET 9 creates no URL of more than 65,519 characters, and no server accepts one of a quarter of that.
            if (page?.Length > MaxPageCharacters)
            {
                throw new LlmException(
                    LlmErrorKind.MalformedResponse,
                    "The list of models names its next page with a text that is too long for a URL."
                )
                {
                    Phase = LlmPhase.Streaming,
                };
            }

            if (page is not null && (!seen.Add(page) || seen.Count > MaxPages))
            {
                throw new LlmException(
                    LlmErrorKind.MalformedResponse,
                    "The list of models does not end: a page names an earlier page as the next one, or there are more than 1,000 pages."
                )
                {
                    Phase = LlmPhase.Streaming,
                };
            }
        }
    }

    /// <summary>Returns what the service says about one model.</summary>
    public static async Task<ModelInfo> DescribeAsync(
        LlmClient client,
        string model,
        CallTelemetry? telemetry,
        CancellationToken cancellationToken
    )
    {
        client.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        using var wire = client.Requests.WriteModel(model);
        ModelInfo? described = null;
        await WholeAnswer
            .ReadAsync(
                new LlmCall(client, wire, request: null, cancellationToken) { Telemetry = telemetry },
                client.Options.Limits.ReplyBytes,
                (_, body) =>
                    described =
                        ModelListing.ReadOne(body.Span, model, client.Options.Limits)
                        ?? throw WholeAnswer.NotExpected(
                            body.Span,
                            client.Options.Limits,
                            "The description of the model is not the expected JSON."
                        )
            )
            .ConfigureAwait(false);
        return described!;
    }
}
