using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Converts additional properties to extra members of a request, so that none is dropped.</summary>
internal static class ExtraMembers
{
    /// <param name="first">The members that take precedence.</param>
    /// <param name="properties">The properties that the caller adds; null for none.</param>
    /// <param name="consumed">The name of a property that does not become a member; null for none.</param>
    /// <param name="json">The serializer options for the types of the values.</param>
    /// <exception cref="ArgumentException">A value cannot be written as JSON.</exception>
    public static Dictionary<string, RawJson> Read(
        IReadOnlyDictionary<string, RawJson> first,
        AdditionalPropertiesDictionary? properties,
        string? consumed,
        JsonSerializerOptions json
    )
    {
        var extra = new Dictionary<string, RawJson>(StringComparer.Ordinal);
        foreach (var (name, value) in first)
            extra.Add(name, value);
        if (properties is null)
            return extra;
        foreach (var (name, value) in properties)
        {
            if (!string.Equals(name, consumed, StringComparison.OrdinalIgnoreCase))
                extra.TryAdd(name, JsonValues.Write(value, $"AdditionalProperties[{name}]", json));
        }
        return extra;
    }

    /// <summary>Adds <c>ChatOptions.TopK</c>, which has a different place on each wire.</summary>
    /// <exception cref="ArgumentException">The wire has no place for it, or the place is already in use.</exception>
    public static void AddTopK(Dictionary<string, RawJson> extra, int topK, IReadOnlyList<LlmClient> clients)
    {
        var (member, inside) = Place(clients[0]);
        for (int i = 1; i < clients.Count; i++)
        {
            if (Place(clients[i]) != (member, inside))
            {
                throw new ArgumentException(
                    "ChatOptions.TopK has different places on the wires of this chain's clients. Leave it null, and add it to ChatRequest.Extra in FallbackOptions.RequestFor."
                );
            }
        }
        string number = topK.ToString(CultureInfo.InvariantCulture);
        if (!extra.TryAdd(member, inside is null ? number : $$"""{"{{inside}}":{{number}}}"""))
        {
            throw new ArgumentException(
                $"ChatOptions.TopK and the extra member '{member}' are both set. Set only the latter{(inside is null ? "" : $", with '{inside}' in it")}."
            );
        }
    }

    private static (string Member, string? Inside) Place(LlmClient client) =>
        client.Provider.Protocol.Name switch
        {
            "gemini" => ("generationConfig", "topK"),
            "ollama" => ("options", "top_k"),
            "converse" => ("additionalModelRequestFields", "top_k"),
            "responses" => throw new ArgumentException(
                "ChatOptions.TopK: the Responses wire has no place for it. Leave it null, or set TopP."
            ),
            _ => ("top_k", null),
        };
}
