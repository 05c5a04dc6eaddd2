using RawLlm.Protocols;

namespace RawLlm;

/// <summary>The credential of requests without authentication.</summary>
internal sealed class NoCredential : Credential
{
    public override bool IsSecret => false;

    internal override IEnumerable<string> Secrets => [];

    public override void Sign(WireRequest request) { }

    public override string ToString() => "no credential";
}
