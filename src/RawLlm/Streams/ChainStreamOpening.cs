using RawLlm.Transport;

namespace RawLlm;

/// <summary>Opens a stream of a fallback chain's call, where the next service is asked when one has failed.</summary>
internal sealed class ChainStreamOpening(LlmClient client, LlmCall call, CancellationToken cancellationToken, FallbackCall chain)
    : StreamOpening(client, call, cancellationToken)
{
    public override EarlierAttempts? EarlierOfOneService => null;

    public override EndpointHealth? Health => chain.Health;

    public override bool IsOfSeveral => true;

    protected override async Task<HttpAnswer> OpenElsewhereAsync(LlmException failure, CancellationToken stop)
    {
        Exception last = Reported(failure);
        while (true)
        {
            chain.MoveOn(last, isStream: true);
            Client = chain.Client;
            var asked = chain.PrepareRequest();
            try
            {
                var next = Client.Chat.BeginStream(asked, chain, CallersToken);
                Take(next);
                return await next.OpenAsync(stop).ConfigureAwait(false);
            }
            catch (Exception e) when (chain.IsFailure(Reported(e)))
            {
                last = e;
            }
        }
    }
}
