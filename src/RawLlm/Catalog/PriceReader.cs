using System.Globalization;
using System.Text.Json;

namespace RawLlm;

/// <summary>Reads what a model costs from its entry in a list, in the forms that services give it.</summary>
internal static class PriceReader
{
    private const decimal Million = 1_000_000m;

    /// <summary>The price; null when the entry holds none that is meant: OpenRouter gives -1 where it depends on the model that is chosen.</summary>
    public static Price? OfListing(JsonElement model)
    {
        var pricing = ModelReader.Member(model, "pricing");
        // OpenRouter and Vercel: dollars per token, as text.
        if (PerToken(pricing, "prompt") is { } prompt && PerToken(pricing, "completion") is { } completion)
        {
            return Checked(new Price(prompt, completion)
            {
                CachedInput = PerToken(pricing, "input_cache_read"),
                CacheWrite = PerToken(pricing, "input_cache_write"),
                Reasoning = PerToken(pricing, "internal_reasoning") is > 0m and var reasoning ? reasoning : null,
                AudioInput = PerToken(pricing, "audio"),
                PerRequest = Decimal(pricing, "request") ?? 0,
            });
        }
        // Together: dollars per million tokens.
        if (Decimal(pricing, "input") is { } input && Decimal(pricing, "output") is { } output)
            return Checked(new Price(input, output) { CachedInput = Decimal(pricing, "cached_input") });
        // Requesty: dollars per token, beside the rest of the entry.
        if (PerToken(model, "input_price") is { } inputPrice && PerToken(model, "output_price") is { } outputPrice)
            return Checked(new Price(inputPrice, outputPrice) { CachedInput = PerToken(model, "cached_price"), CacheWrite = PerToken(model, "caching_price") });
        return null;
    }

    /// <summary>A number that is there as such or as text; null for anything else, and for what no price can be.</summary>
    internal static decimal? Decimal(JsonElement of, string name)
    {
        var value = ModelReader.Member(of, name);
        if (value.ValueKind == JsonValueKind.Number)
            return value.TryGetDecimal(out decimal number) ? number : null;
        return value.ValueKind == JsonValueKind.String && decimal.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal text) ? text : null;
    }

    // A price per token of a thousand dollars is none.
    internal static decimal? PerToken(JsonElement of, string name) => Decimal(of, name) is { } perToken && Math.Abs(perToken) < 1000 ? perToken * Million : null;

    private static Price? Checked(Price price) => price.Input < 0 || price.Output < 0 ? null : price with
    {
        CachedInput = NotNegative(price.CachedInput),
        CacheWrite = NotNegative(price.CacheWrite),
        Reasoning = NotNegative(price.Reasoning),
        AudioInput = NotNegative(price.AudioInput),
        PerRequest = Math.Max(0, price.PerRequest),
    };

    private static decimal? NotNegative(decimal? price) => price >= 0 ? price : null;
}
