namespace RawLlm.Tests.Framing;

/// <summary>Known deviations of System.Net.ServerSentEvents 10.0 from the specification.</summary>
[Flags]
internal enum SseQuirks
{
    None = 0,

    /// <summary>A blank line without data does not reset the event's type.</summary>
    TypeOutlivesEmptyEvent = 1,

    /// <summary><c>event:</c> without a value gives the type "" instead of "message".</summary>
    EmptyTypeIsType = 2,

    /// <summary>A retry value may end in NUL.</summary>
    RetryEndsInNul = 4,

    All = TypeOutlivesEmptyEvent | EmptyTypeIsType | RetryEndsInNul,
}
