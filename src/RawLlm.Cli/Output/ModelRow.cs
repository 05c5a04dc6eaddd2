using System.Globalization;
using System.Text.Json;

namespace RawLlm.Cli.Output;

/// <summary>A listed model: what its service says, supplemented by RawLlm's own tables.</summary>
internal sealed record ModelRow(ModelInfo Model, Capabilities Capabilities, Price? Price)
{
    // The list may give the limit of one of several hosts, which does not limit requests.
    private long? MaxOutputTokens => Model.MaxOutputTokens ?? Capabilities.MaxOutputTokens;

    public string[] Cells =>
        [
            Model.Id,
            Number(Capabilities.ContextTokens),
            Number(MaxOutputTokens),
            Number(Price?.Input),
            Number(Price?.Output),
            CapabilityNames.Format(Capabilities),
            Model.Owner ?? "-",
        ];

    public static ModelRow Of(Provider provider, ModelInfo model) =>
        new(
            model,
            model.Capabilities.Or(provider.CapabilitiesOf(model.Id)),
            model.Price ?? PriceTable.BuiltIn.Find(provider.CatalogName, model.Id)
        );

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Model.Id);
        json.WriteString("title", Model.Title);
        ReplyJson.WriteNumber(json, "contextTokens", Capabilities.ContextTokens);
        ReplyJson.WriteNumber(json, "maxOutputTokens", MaxOutputTokens);
        json.WriteString("owner", Model.Owner);
        Write(json, "inputModalities", Model.InputModalities);
        Write(json, "outputModalities", Model.OutputModalities);
        Write(json, "supportedParameters", Model.SupportedParameters);
        CapabilityNames.Write(json, "capabilities", Capabilities);
        if (Price is null)
        {
            json.WriteNull("price");
        }
        else
        {
            json.WriteStartObject("price");
            json.WriteNumber("input", Price.Input);
            json.WriteNumber("output", Price.Output);
            Write(json, "cachedInput", Price.CachedInput);
            Write(json, "cacheWrite", Price.CacheWrite);
            Write(json, "cacheWriteOneHour", Price.CacheWriteOneHour);
            json.WriteString("source", Model.Price is null ? "table" : "service");
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> words)
    {
        json.WriteStartArray(name);
        foreach (string word in words)
            json.WriteStringValue(word);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, decimal? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Number(decimal? number) => number?.ToString("0.######", CultureInfo.InvariantCulture) ?? "-";
}
