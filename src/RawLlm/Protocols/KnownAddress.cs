namespace RawLlm.Protocols;

/// <summary>Where a client's last conversation with a model went: built and checked already.</summary>
internal sealed record KnownAddress(string Model, Uri Url);
