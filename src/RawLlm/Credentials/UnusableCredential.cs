using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Stands in for a credential where the machine is set up wrongly, so that it is told when a client is made and not before.</summary>
internal sealed class UnusableCredential(string problem) : Credential
{
    public override string? Problem => problem;

    internal override IEnumerable<string> Secrets => [];

    public override void Sign(WireRequest request) => throw new InvalidOperationException($"The credential cannot be used: {problem}.");

    public override string ToString() => "unusable credential";
}
