using System.Text;

namespace RawLlm.Transport;

/// <summary>What is wrong with a certificate, in the words that the platform has for it.</summary>
internal static class CertificateProblem
{
    // X509ChainStatusFlags and SslPolicyErrors. Written out: the names of an enumeration would come by reflection.
    private static readonly string[] Names =
    [
        "NotTimeValid", "NotTimeNested", "Revoked", "NotSignatureValid", "NotValidForUsage", "UntrustedRoot", "RevocationStatusUnknown", "Cyclic",
        "InvalidExtension", "InvalidPolicyConstraints", "InvalidBasicConstraints", "InvalidNameConstraints", "HasNotSupportedNameConstraint",
        "HasNotDefinedNameConstraint", "HasNotPermittedNameConstraint", "HasExcludedNameConstraint", "PartialChain", "CtlNotTimeValid",
        "CtlNotSignatureValid", "CtlNotValidForUsage", "HasWeakSignature", "OfflineRevocation", "NoIssuanceChainPolicy", "ExplicitDistrust",
        "HasNotSupportedCriticalExtension", "RemoteCertificateNotAvailable", "RemoteCertificateNameMismatch", "RemoteCertificateChainErrors",
    ];

    /// <summary>Those of the names that stand in a message of the platform, and nothing else of it; null where there is none.</summary>
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
