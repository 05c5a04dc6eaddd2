namespace RawLlm;

/// <summary>An address as it may be shown: a key that was pasted into it as user or query is not.</summary>
internal static class AddressText
{
    /// <summary>Scheme, host, port and path; of an address that has no host, nothing.</summary>
    public static string Of(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Host.Length == 0)
            return "no address of a server";
        return address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }
}
