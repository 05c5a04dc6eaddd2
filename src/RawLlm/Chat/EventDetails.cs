namespace RawLlm;

/// <summary>The details of an event that does not come from a stream.</summary>
internal sealed class EventDetails : IEventDetails
{
    private readonly byte[] _frame = [];

    public EventDetails(IEventDetails? other)
    {
        if (other is null)
            return;
        Id = other.Id;
        Name = other.Name;
        Usage = other.Usage;
        StopReason = other.StopReason;
        RawStopReason = other.RawStopReason;
        StopMessage = other.StopMessage;
        StopSequence = other.StopSequence;
        Citation = other.Citation;
        LogProbs = other.LogProbs;
        Switch = other.Switch;
        Origin = other.Origin;
        _frame = other.Frame.ToArray();
    }

    public string? Id { get; init; }

    public string? Name { get; init; }

    public Usage? Usage { get; init; }

    public StopReason StopReason { get; init; }

    public string? RawStopReason { get; init; }

    public string? StopMessage { get; init; }

    public string? StopSequence { get; init; }

    public Citation? Citation { get; init; }

    public LogProbs? LogProbs { get; init; }

    public StreamSwitch? Switch { get; init; }

    public string? Origin { get; init; }

    public ReadOnlySpan<byte> Frame
    {
        get => _frame;
        init => _frame = value.ToArray();
    }
}
