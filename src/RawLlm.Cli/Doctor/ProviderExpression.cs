using RawLlm.Protocols;

namespace RawLlm.Cli.Doctor;

/// <summary>Writes the C# expression that makes a provider as it was examined. A key never stands in it.</summary>
internal static class ProviderExpression
{
    /// <param name="given">The provider as the command line named it.</param>
    /// <param name="address">The address that the command line gave in place of the provider's own; null when it gave none.</param>
    /// <param name="bends">What the dialect had to be bent by.</param>
    public static string Write(Provider given, string? address, IReadOnlyList<DialectBend> bends)
    {
        bool isKnown = Providers.All().Any(known => known.Name == given.Name);
        string url = $"new Uri(\"{AddressText.Of(given.BaseUrl)}\")";
        string expression = isKnown ? $"Providers.Get(\"{given.Name}\")" : $"Providers.OpenAICompatible({url}, apiKey)";
        var changes = new List<string>();
        if (isKnown && address is not null)
            changes.Add($"BaseUrl = {url}");
        if (bends.Count > 0)
        {
            string members = string.Join(", ", bends.Select(bend => bend.Expression));
            changes.Add($"Protocol = ({nameof(ChatCompletionsProtocol)}){expression}.Protocol with {{ {members} }}");
        }
        return changes.Count == 0 ? expression : $"{expression} with {{ {string.Join(", ", changes)} }}";
    }
}
