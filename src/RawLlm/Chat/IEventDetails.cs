namespace RawLlm;

/// <summary>What an event holds beside its kind and its bytes. Most readers of a text never ask for it, so that it is looked up only then.</summary>
internal interface IEventDetails
{
    string? Id { get; }

    string? Name { get; }

    Usage? Usage { get; }

    StopReason StopReason { get; }

    string? RawStopReason { get; }

    string? StopMessage { get; }

    Citation? Citation { get; }

    LogProbs? LogProbs { get; }

    StreamSwitch? Switch { get; }

    string? Origin { get; }

    ReadOnlySpan<byte> Frame { get; }
}
