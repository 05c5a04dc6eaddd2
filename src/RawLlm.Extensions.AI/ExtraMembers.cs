using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Reads additional properties as extra members of a request, so that none is dropped.</summary>
internal static class ExtraMembers
{
    /// <param name="first">What goes before.</param>
    /// <param name="properties">What the caller adds; null for nothing.</param>
    /// <param name="consumed">A name that is no member; null when there is none.</param>
    /// <param name="json">Knows the types of the values.</param>
    /// <exception cref="ArgumentException">A value cannot be written as JSON.</exception>
    public static Dictionary<string, RawJson> Read(IReadOnlyDictionary<string, RawJson> first, AdditionalPropertiesDictionary? properties, string? consumed, JsonSerializerOptions json)
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

    /// <summary>Adds the number of likeliest words to draw from, which stands elsewhere on each wire.</summary>
    /// <exception cref="ArgumentException">The wire has no place for it, or the place is taken.</exception>
    public static void AddTopK(Dictionary<string, RawJson> extra, int topK, IReadOnlyList<LlmClient> clients)
    {
        var (member, inside) = Place(clients[0]);
        for (int i = 1; i < clients.Count; i++)
        {
            if (Place(clients[i]) != (member, inside))
                throw new ArgumentException("ChatOptions.TopK has another place on the wires of this chain's clients. Leave it null, and add it to ChatRequest.Extra in FallbackOptions.RequestFor.");
        }
        string number = topK.ToString(CultureInfo.InvariantCulture);
        if (!extra.TryAdd(member, inside is null ? number : $$"""{"{{inside}}":{{number}}}"""))
            throw new ArgumentException($"ChatOptions.TopK and the extra member '{member}' are both set. Set the latter alone{(inside is null ? "" : $", with '{inside}' in it")}.");
    }

    private static (string Member, string? Inside) Place(LlmClient client) => client.Provider.Protocol.Name switch
    {
        "gemini" => ("generationConfig", "topK"),
        "ollama" => ("options", "top_k"),
        "converse" => ("additionalModelRequestFields", "top_k"),
        "responses" => throw new ArgumentException("ChatOptions.TopK: the Responses wire has no place for it. Leave it null, or set TopP."),
        _ => ("top_k", null),
    };
}
