namespace RawLlm.Extensions.AI;

/// <summary>Addresses as they may be shown and traced.</summary>
internal static class Addresses
{
    /// <summary>The address without what may hold a key: user, query and fragment.</summary>
    public static Uri Plain(Uri url) => !url.IsAbsoluteUri ? url : new UriBuilder(url) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri;
}
