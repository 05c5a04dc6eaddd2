namespace RawLlm.Protocols;

/// <summary>How tolerant a decoder is, and how much it will hold.</summary>
public sealed record DecoderOptions
{
    /// <summary>Tolerant, with the default bounds.</summary>
    public static DecoderOptions Default { get; } = new();

    /// <summary>Bounds of what a server may make the decoder hold.</summary>
    public LlmLimits Limits { get; init; } = LlmLimits.Default;

    /// <summary>True to make an error of every deviation that would otherwise be tolerated with a <see cref="Quirk"/>.</summary>
    public bool Strict { get; init; }
}
