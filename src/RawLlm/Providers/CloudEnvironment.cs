namespace RawLlm;

/// <summary>
/// Resolves the resource, account, project and region in a cloud from the environment, or leaves a placeholder in the URL until the user's
/// own name replaces it.
/// </summary>
// Nothing here throws if variables are unset or invalid, because all providers are listed together. The error comes when a client is
// created.
internal static class CloudEnvironment
{
    /// <summary>The environment variable with the key for AWS Bedrock.</summary>
    public const string BedrockKey = "AWS_BEARER_TOKEN_BEDROCK";

    private const string AzureVariable = "AZURE_OPENAI_ENDPOINT";
    private const string CloudflareVariable = "CLOUDFLARE_ACCOUNT_ID";

    private const string AzureResource = "your-resource";
    private const string CloudflareAccount = "your-account";
    private const string VertexProject = "your-project";

    /// <summary>Returns the placeholder in a URL that the user's own name must replace; null if there is none.</summary>
    public static string? PlaceholderIn(Uri url) =>
        url.OriginalString.Contains(AzureResource, StringComparison.Ordinal) ? AzureResource
        : url.OriginalString.Contains(CloudflareAccount, StringComparison.Ordinal) ? CloudflareAccount
        : url.OriginalString.Contains($"projects/{VertexProject}/", StringComparison.Ordinal) ? VertexProject
        : null;

    /// <summary>Whether the user's own name must replace the host. A placeholder in the path leaves the host known.</summary>
    public static bool IsHostOpen(Uri url) => url.IsAbsoluteUri && url.Host.StartsWith(AzureResource + ".", StringComparison.Ordinal);

    /// <summary>Returns what the user must set before a URL with a placeholder can be used; null if it has no placeholder.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="read">Reads an environment variable; null for those of this process.</param>
    public static string? MissingName(Uri url, Func<string, string?>? read = null) =>
        PlaceholderIn(url) switch
        {
            AzureResource => (
                IsSet(AzureVariable, read)
                    ? $"the environment variable {AzureVariable} does not contain a URL that begins with https://; "
                    : ""
            )
                + $"set the environment variable {AzureVariable} to the URL of your resource, such as https://my-resource.openai.azure.com, to replace '{AzureResource}'",
            CloudflareAccount => (
                IsSet(CloudflareVariable, read)
                    ? $"the environment variable {CloudflareVariable} does not contain an account ID (letters, digits and dashes); "
                    : ""
            ) + $"set the environment variable {CloudflareVariable} to your account ID, to replace '{CloudflareAccount}'",
            VertexProject => (
                VertexProjectIn(read ?? Environment.GetEnvironmentVariable, out string variable) is not null
                    ? $"the environment variable {variable} does not contain a project ID (lowercase letters, digits, dashes, dots and colons); "
                    : ""
            ) + $"set the environment variable {variable} to the ID of your Google Cloud project, to replace '{VertexProject}'",
            _ => null,
        };

    /// <summary>Returns the URL of the Azure OpenAI resource that the environment names.</summary>
    public static Uri AzureEndpoint(Func<string, string?> read) =>
        Uri.TryCreate(read(AzureVariable)?.Trim(), UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
            ? url
            : new($"https://{AzureResource}.openai.azure.com");

    /// <summary>Returns the Cloudflare account that the environment names.</summary>
    public static string Account(Func<string, string?> read) =>
        read(CloudflareVariable)?.Trim() is { Length: > 0 } account && IsAccount(account) ? account : CloudflareAccount;

    /// <summary>Creates a Bedrock provider in the region that its key or the environment names.</summary>
    public static Provider AnywhereInBedrock(Func<string?, Credential?, Provider> make, Func<string, string?> read)
    {
        string? problem = null;
        string? region = AwsRegion.OfKey(read(BedrockKey)?.Trim() ?? "") ?? AwsRegion.OfEnvironment(read, out problem);
        return problem is null ? make(region ?? "us-east-1", null) : make("us-east-1", new UnusableCredential(problem));
    }

    /// <summary>Creates the provider for Anthropic's models on Vertex AI, in the project and region that the environment names.</summary>
    public static Provider AnywhereInVertex(Func<string, string?> read)
    {
        string region = FirstSet(read, out string variable, "CLOUD_ML_REGION", "GOOGLE_CLOUD_LOCATION") ?? "global";
        string project = VertexProjectIn(read, out _) is { } named && IsProject(named) ? named : VertexProject;
        return IsRegion(region)
            ? Providers.AnthropicVertexIn(project, region)
            : Providers.AnthropicVertexIn(
                project,
                credential: new UnusableCredential(
                    $"the environment variable {variable} does not contain a region such as europe-west1; correct or unset it"
                )
            );
    }

    /// <summary>Returns the host of Vertex AI in a region.</summary>
    public static string VertexHost(string region) =>
        region switch
        {
            "global" => "aiplatform.googleapis.com",
            "us" or "eu" => $"aiplatform.{region}.rep.googleapis.com",
            _ => $"{region}-aiplatform.googleapis.com",
        };

    /// <summary>Whether a text can be a Cloudflare account ID.</summary>
    public static bool IsAccount(string account) => account.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>Whether a text can be a Google Cloud project ID.</summary>
    public static bool IsProject(string project) =>
        !project.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-.:") && !project.Contains("..", StringComparison.Ordinal);

    /// <summary>Whether a text can be a Google Cloud region.</summary>
    public static bool IsRegion(string region) =>
        region.Length <= 63 && !region.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-");

    private static string? VertexProjectIn(Func<string, string?> read, out string variable) =>
        FirstSet(read, out variable, "ANTHROPIC_VERTEX_PROJECT_ID", "GOOGLE_CLOUD_PROJECT");

    // Returns the value of the first variable that is set, and its name; if none is set, the first name.
    private static string? FirstSet(Func<string, string?> read, out string variable, params ReadOnlySpan<string> names)
    {
        variable = names[0];
        foreach (string name in names)
        {
            if (read(name)?.Trim() is not { Length: > 0 } value)
                continue;
            variable = name;
            return value;
        }
        return null;
    }

    private static bool IsSet(string variable, Func<string, string?>? read) =>
        !string.IsNullOrWhiteSpace((read ?? Environment.GetEnvironmentVariable)(variable));
}
