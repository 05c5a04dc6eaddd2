namespace RawLlm;

/// <summary>A client's call to which budgets apply.</summary>
internal sealed class BudgetedCall(Budget[] budgets, LlmClient client, ChatRequest request) : CallSpending
{
    private Reservation? _held;

    public override void Reserve(LlmException? after) => _held ??= Reservation.Make(budgets, client, request, after);

    public override void Settle(ChatReply reply)
    {
        _held?.Settle(reply.Usage, reply.Cost);
        _held = null;
    }

    public override void Fail(bool mayBeBilled)
    {
        if (mayBeBilled)
            _held?.SettleUnknown(seenTokens: 0);
        else
            _held?.Release();
        _held = null;
    }

    public override Stream Watch(Stream body, string? mediaType, decimal? reported)
    {
        var held = _held!;
        _held = null;
        return new MeteredBody(body, new StreamProbe(client, mediaType), held, reported);
    }
}
