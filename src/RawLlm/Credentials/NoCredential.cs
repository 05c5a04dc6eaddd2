using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A request that proves nothing.</summary>
internal sealed class NoCredential : Credential
{
    public override bool IsSecret => false;

    internal override IEnumerable<string> Secrets => [];

    public override void Sign(WireRequest request)
    {
    }

    public override string ToString() => "no credential";
}
