namespace RawLlm;

/// <summary>A client's call to which budgets apply.</summary>
internal sealed class BudgetedCall(Budget[] budgets, LlmClient client, ChatRequest request) : CallSpending
{
    private Reservation? _reservation;

    public override void Reserve(LlmException? after) => _reservation ??= Reservation.Make(budgets, client, request, after);

    public override void Settle(ChatReply reply)
    {
        _reservation?.Settle(reply.Usage, reply.Cost);
        _reservation = null;
    }

    public override void Fail(bool mayBeBilled)
    {
        if (mayBeBilled)
            _reservation?.SettleUnknown(seenTokens: 0);
        else
            _reservation?.Release();
        _reservation = null;
    }

    public override Stream Watch(Stream body, string? mediaType, decimal? reported)
    {
        var held = _reservation!;
        _reservation = null;
        return new MeteredBody(body, new StreamProbe(client, mediaType), held, reported);
    }
}
