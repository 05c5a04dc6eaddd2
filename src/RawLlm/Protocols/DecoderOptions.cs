namespace RawLlm.Protocols;

/// <summary>How tolerant a decoder is, and how much it will hold.</summary>
public sealed record DecoderOptions
{
    // Stands first: the default options are made of it.
    private static readonly bool IsUsual = !AppContext.TryGetSwitch("RawLlm.Prediction", out bool isOn) || isOn;

    /// <summary>Tolerant, with the default bounds.</summary>
    public static DecoderOptions Default { get; } = new();

    /// <summary>Bounds of what a server may make the decoder hold.</summary>
    public LlmLimits Limits { get; init; } = LlmLimits.Default;

    /// <summary>True to make an error of every deviation that would otherwise be tolerated with a <see cref="Quirk"/>.</summary>
    public bool Strict { get; init; }

    /// <summary>What tells what this service wants back from what others of its wire do (<see cref="WireData.Origin"/>); null where there is no telling.</summary>
    public string? Origin { get; init; }

    /// <summary>
    /// True to give how likely tokens were (<see cref="StreamEventKind.LogProbs"/>), which a client does where a request asks for it. It costs an object for each token, and what tells of
    /// them is read in full; otherwise it is passed over.
    /// </summary>
    public bool LogProbs { get; init; }

    /// <summary>
    /// True, as a rule: frames that differ from earlier ones in little more than their text are read without reading them as JSON. What comes
    /// out is the same either way. The switch <c>RawLlm.Prediction</c> of <see cref="AppContext"/> sets the default of a whole program.
    /// </summary>
    public bool Prediction { get; init; } = IsUsual;
}
