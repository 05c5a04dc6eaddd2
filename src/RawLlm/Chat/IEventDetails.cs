namespace RawLlm;

/// <summary>
/// What an event contains besides its kind and bytes. Most code that reads text never needs it, so it is looked up on demand.
/// </summary>
internal interface IEventDetails
{
    string? Id { get; }

    string? Name { get; }

    Usage? Usage { get; }

    StopReason StopReason { get; }

    string? RawStopReason { get; }

    string? StopMessage { get; }

    string? StopSequence { get; }

    Citation? Citation { get; }

    LogProbs? LogProbs { get; }

    StreamSwitch? Switch { get; }

    string? Origin { get; }

    ReadOnlySpan<byte> Frame { get; }
}
