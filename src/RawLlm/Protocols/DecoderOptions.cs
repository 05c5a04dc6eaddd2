namespace RawLlm.Protocols;

/// <summary>How tolerant a decoder is, and how much data it may hold.</summary>
public sealed record DecoderOptions
{
    // Declared first because the initializer of Default uses it.
    private static readonly bool IsUsual = !AppContext.TryGetSwitch("RawLlm.Prediction", out bool isOn) || isOn;

    /// <summary>The default options: tolerant, with the default limits.</summary>
    public static DecoderOptions Default { get; } = new();

    /// <summary>Limits on the data that a server can make the decoder hold.</summary>
    public LlmLimits Limits { get; init; } = LlmLimits.Default;

    /// <summary>Whether to throw for every deviation that would otherwise be tolerated and recorded as a <see cref="Quirk"/>.</summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Distinguishes data that this service wants back from data of other services on the same wire (<see cref="WireData.Origin"/>); null
    /// if they are not distinguished.
    /// </summary>
    public string? Origin { get; init; }

    /// <summary>
    /// Whether to return the log probabilities of tokens (<see cref="StreamEventKind.LogProbs"/>). A client turns this on if the request
    /// asks for them. It costs one object per token and a full read of the JSON that holds them; otherwise that JSON is skipped.
    /// </summary>
    public bool LogProbs { get; init; }

    /// <summary>
    /// Whether to read frames that differ from earlier ones in little more than their text without parsing their JSON. On by default; the
    /// result is the same either way. The <see cref="AppContext"/> switch <c>RawLlm.Prediction</c> sets the default for the whole program.
    /// </summary>
    public bool Prediction { get; init; } = IsUsual;
}
