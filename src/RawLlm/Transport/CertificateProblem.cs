using System.Text;

namespace RawLlm.Transport;

/// <summary>Finds what is wrong with a certificate, in .NET's own words.</summary>
internal static class CertificateProblem
{
    // X509ChainStatusFlags and SslPolicyErrors. Written out, because the names of an enum would need reflection.
    private static readonly string[] Names =
    [
        "NotTimeValid",
        "NotTimeNested",
        "Revoked",
        "NotSignatureValid",
        "NotValidForUsage",
        "UntrustedRoot",
        "RevocationStatusUnknown",
        "Cyclic",
        "InvalidExtension",
        "InvalidPolicyConstraints",
        "InvalidBasicConstraints",
        "InvalidNameConstraints",
        "HasNotSupportedNameConstraint",
        "HasNotDefinedNameConstraint",
        "HasNotPermittedNameConstraint",
        "HasExcludedNameConstraint",
        "PartialChain",
        "CtlNotTimeValid",
        "CtlNotSignatureValid",
        "CtlNotValidForUsage",
        "HasWeakSignature",
        "OfflineRevocation",
        "NoIssuanceChainPolicy",
        "ExplicitDistrust",
        "HasNotSupportedCriticalExtension",
        "RemoteCertificateNotAvailable",
        "RemoteCertificateNameMismatch",
        "RemoteCertificateChainErrors",
    ];

    /// <summary>Returns the known names in a message of .NET, and nothing else of it; null if there are none.</summary>
    public static string? NamesIn(string message)
    {
        StringBuilder? found = null;
        var rest = message.AsSpan();
        while (!rest.IsEmpty)
        {
            int length = rest.IndexOfAny(" ,.:'");
            var word = length < 0 ? rest : rest[..length];
            foreach (string name in Names)
            {
                if (word.SequenceEqual(name))
                    found = (found?.Append(", ") ?? new StringBuilder()).Append(name);
            }
            rest = length < 0 ? default : rest[(length + 1)..];
        }
        return found?.ToString();
    }
}
