using RawLlm.Protocols;
using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>Asks a service to count the tokens of a prompt.</summary>
internal static class CountingCall
{
    /// <summary>Returns the count, or an estimate if the service does not count.</summary>
    public static async Task<TokenCount> CountAsync(
        LlmClient client,
        ChatRequest request,
        WireRequest wire,
        CallTelemetry? telemetry,
        CancellationToken cancellationToken
    )
    {
        try
        {
            long count = 0;
            await WholeAnswer
                .ReadAsync(
                    new LlmCall(client, wire, request, cancellationToken) { Telemetry = telemetry },
                    client.Options.Limits.ReplyBytes,
                    (_, body) =>
                        count =
                            client.Provider.Protocol.ReadCount(body.Span)
                            ?? throw WholeAnswer.NotExpected(body.Span, client.Options.Limits, "The token count is not the expected JSON.")
                )
                .ConfigureAwait(false);
            return new(count, IsEstimate: false);
        }
        // An older server, or one that supports only part of the wire. A missing model is reported with a code of its own.
        catch (LlmException e)
            when (e.Status is 404 or 405 or 501 && e.ProviderCode?.Contains("model", StringComparison.OrdinalIgnoreCase) != true)
        {
            return TokenCount.Estimate(request, client.Provider);
        }
    }
}
