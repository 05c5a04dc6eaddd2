namespace RawLlm;

/// <summary>What RawLlm itself knows of a model.</summary>
/// <param name="Capabilities">What it can do.</param>
/// <param name="Price">What it costs; null when that is not known.</param>
internal sealed record KnownModel(Capabilities Capabilities, Price? Price);
