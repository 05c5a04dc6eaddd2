namespace RawLlm;

/// <summary>Formats a URL for display, without user info and query, where a pasted key could be.</summary>
internal static class AddressText
{
    /// <summary>Returns scheme, host, port and path; a fixed text if the URL has no host.</summary>
    public static string Of(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Host.Length == 0)
            return "not a server URL";
        return address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }
}
