namespace RawLlm.Cli.Targets;

/// <summary>
/// A problem that prevents asking a service, worded for the command line: the library's own messages address programmers.
/// </summary>
/// <param name="Text">What is wrong, as a sentence.</param>
/// <param name="Hint">What to do about it; null if the text already says so.</param>
internal sealed record TargetProblem(string Text, string? Hint)
{
    /// <summary>
    /// The variable that should contain the API key, if only the key is missing and may go to the address; otherwise null.
    /// </summary>
    public string? MissingKey { get; init; }

    /// <summary>The problem of a service as it would be asked; null if there is none, or if the library's own message will do.</summary>
    public static TargetProblem? Of(Provider provider, Shell shell, bool allowsPlainHttpKey = false)
    {
        string start = $"{provider.Title} cannot be used: ";
        var url = provider.BaseUrl;
        if (CloudEnvironment.MissingName(url, shell.Variable) is { } missing)
            return new(start + missing + ".", null);
        var credential = provider.Credential;
        bool isReadable = url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && !allowsPlainHttpKey;
        if (credential.Problem is not null && credential.Variable is { } variable && shell.Value(variable) is null)
        {
            return new(
                $"{start}the environment variable {variable}, which should contain its API key, is not set.",
                provider.MadeFor is { } own
                    ? $"set {variable} and add --key-env {variable}, or name another variable that contains the API key for this address with --key-env; without it, the key in {variable} goes only to {own}"
                    : $"set {variable}, or name another variable that contains the API key with --key-env"
            )
            {
                MissingKey = provider.MadeFor is null && !isReadable ? variable : null,
            };
        }

        if (provider.MadeFor is { } host && credential.Variable is { } meant && shell.Value(meant) is not null)
        {
            return new(
                $"{start}its base URL was changed, and the API key in the environment variable {meant} is meant for {host}.",
                $"to send that API key to the new address, add --key-env {meant}"
            );
        }

        if (isReadable && credential.IsSecret)
        {
            return new(
                $"{start}its address is plain HTTP on another machine, and others on the network could read the API key.",
                "use an https:// address, or pass --allow-plain-http-key on a network that you trust"
            );
        }

        return null;
    }
}
