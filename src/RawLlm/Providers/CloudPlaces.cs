namespace RawLlm;

/// <summary>Whose resource, account, project and region in a cloud is meant: by the environment, or by what stands in an address until the user's own name takes its place.</summary>
// Nothing here fails for a machine on which nothing, or nonsense, is set: all providers are listed together. What is missing or wrong is told when a client is made.
internal static class CloudPlaces
{
    /// <summary>The variable that holds the key for AWS Bedrock.</summary>
    public const string BedrockKey = "AWS_BEARER_TOKEN_BEDROCK";

    private const string AzureVariable = "AZURE_OPENAI_ENDPOINT";
    private const string CloudflareVariable = "CLOUDFLARE_ACCOUNT_ID";

    private const string AzureResource = "your-resource";
    private const string CloudflareAccount = "your-account";
    private const string VertexProject = "your-project";

    /// <summary>What stands in an address until the user's own name takes its place; null when nothing does.</summary>
    public static string? PlaceholderIn(Uri url) =>
        url.OriginalString.Contains(AzureResource, StringComparison.Ordinal) ? AzureResource
        : url.OriginalString.Contains(CloudflareAccount, StringComparison.Ordinal) ? CloudflareAccount
        : url.OriginalString.Contains($"projects/{VertexProject}/", StringComparison.Ordinal) ? VertexProject : null;

    /// <summary>What has to be set, and how, before an address that holds a placeholder can be used; null when it holds none.</summary>
    /// <param name="url">The address.</param>
    /// <param name="read">Reads the environment; this process's own when null.</param>
    public static string? MissingName(Uri url, Func<string, string?>? read = null) => PlaceholderIn(url) switch
    {
        AzureResource => (IsSet(AzureVariable, read) ? $"the environment variable {AzureVariable} holds no address that begins with https://; " : "")
            + $"set the environment variable {AzureVariable} to the address of your resource, such as https://my-resource.openai.azure.com, in place of '{AzureResource}'",
        CloudflareAccount => (IsSet(CloudflareVariable, read) ? $"the environment variable {CloudflareVariable} holds no id of an account, which consists of letters, digits and dashes; " : "")
            + $"set the environment variable {CloudflareVariable} to the id of your account, in place of '{CloudflareAccount}'",
        VertexProject => (VertexProjectIn(read ?? Environment.GetEnvironmentVariable, out string variable) is not null ? $"the environment variable {variable} holds no id of a project, which consists of small letters, digits, dashes, dots and colons; " : "")
            + $"set the environment variable {variable} to the id of your Google Cloud project, in place of '{VertexProject}'",
        _ => null,
    };

    /// <summary>The resource of Azure OpenAI that the environment names.</summary>
    public static Uri AzureEndpoint(Func<string, string?> read) =>
        Uri.TryCreate(read(AzureVariable)?.Trim(), UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? url : new($"https://{AzureResource}.openai.azure.com");

    /// <summary>The account at Cloudflare that the environment names.</summary>
    public static string Account(Func<string, string?> read) => read(CloudflareVariable)?.Trim() is { Length: > 0 } account && IsAccount(account) ? account : CloudflareAccount;

    /// <summary>A service in the region that its key or the environment names.</summary>
    public static Provider AnywhereInBedrock(Func<string?, Credential?, Provider> make, Func<string, string?> read)
    {
        string? problem = null;
        string? region = AwsRegion.OfKey(read(BedrockKey)?.Trim() ?? "") ?? AwsRegion.OfEnvironment(read, out problem);
        return problem is null ? make(region ?? "us-east-1", null) : make("us-east-1", new UnusableCredential(problem));
    }

    /// <summary>Anthropic's models on Vertex AI in the project and the region that the environment names.</summary>
    public static Provider AnywhereInVertex(Func<string, string?> read)
    {
        string region = FirstSet(read, out string variable, "CLOUD_ML_REGION", "GOOGLE_CLOUD_LOCATION") ?? "global";
        string project = VertexProjectIn(read, out _) is { } named && IsProject(named) ? named : VertexProject;
        return IsRegion(region) ? Providers.AnthropicVertexIn(project, region)
            : Providers.AnthropicVertexIn(project, credential: new UnusableCredential($"the environment variable {variable} holds no region such as europe-west1"));
    }

    /// <summary>Where Vertex AI is in a region.</summary>
    public static string VertexHost(string region) => region switch
    {
        "global" => "aiplatform.googleapis.com",
        "us" or "eu" => $"aiplatform.{region}.rep.googleapis.com",
        _ => $"{region}-aiplatform.googleapis.com",
    };

    /// <summary>Whether a text may be the id of an account at Cloudflare.</summary>
    public static bool IsAccount(string account) => account.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>Whether a text may be the id of a project of Google Cloud.</summary>
    public static bool IsProject(string project) => !project.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-.:") && !project.Contains("..", StringComparison.Ordinal);

    /// <summary>Whether a text may be a region of Google Cloud.</summary>
    public static bool IsRegion(string region) => region.Length <= 63 && !region.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-");

    private static string? VertexProjectIn(Func<string, string?> read, out string variable) => FirstSet(read, out variable, "ANTHROPIC_VERTEX_PROJECT_ID", "GOOGLE_CLOUD_PROJECT");

    // The value of the first variable that is set, and which it is; the first of all where none is.
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

    private static bool IsSet(string variable, Func<string, string?>? read) => !string.IsNullOrWhiteSpace((read ?? Environment.GetEnvironmentVariable)(variable));
}
