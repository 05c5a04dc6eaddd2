using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// Replaces a credential if the environment is misconfigured, so that the error comes when a client is created, and not earlier.
/// </summary>
internal sealed class UnusableCredential(string problem) : Credential
{
    public override string? Problem => problem;

    internal override IEnumerable<string> Secrets => [];

    public override void Sign(WireRequest request) => throw new InvalidOperationException($"The credential cannot be used: {problem}.");

    public override string ToString() => "unusable credential";
}
