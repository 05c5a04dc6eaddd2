using System.Globalization;
using System.Text.Json;

namespace RawLlm;

/// <summary>Reads the price of a model from its entry in a list, in the formats that services use.</summary>
internal static class PriceReader
{
    private const decimal Million = 1_000_000m;

    // Even the most expensive token costs less than this (o1-pro: 0.0006 dollars), and no million tokens cost so little.
    private const decimal MinPerMillion = 0.002m;
    private const decimal MaxPerToken = 0.001m;

    /// <summary>
    /// Returns the price; null if the entry has no usable price. OpenRouter sends -1 if the price depends on the chosen model.
    /// </summary>
    public static Price? OfListing(JsonElement model)
    {
        var pricing = ModelReader.Member(model, "pricing");
        // OpenRouter: dollars per token, as text. Chutes and NanoGPT (2026): dollars per million, as numbers.
        if (Decimal(pricing, "prompt") is { } prompt && Decimal(pricing, "completion") is { } completion)
        {
            decimal tokens = Tokens(pricing) ?? (Math.Max(prompt, completion) >= MinPerMillion ? Million : 1);
            return Checked(
                pricing,
                "prompt",
                "completion",
                tokens,
                new Price(0, 0)
                {
                    CachedInput = PerMillion(pricing, "input_cache_read", tokens),
                    CacheWrite = PerMillion(pricing, "input_cache_write", tokens),
                    Reasoning = PerMillion(pricing, "internal_reasoning", tokens) is > 0m and var reasoning ? reasoning : null,
                    AudioInput = PerMillion(pricing, "audio", tokens),
                    PerRequest = Decimal(pricing, "request") ?? 0,
                }
            );
        }
        // Together: dollars per million tokens. Vercel: dollars per token, as text.
        if (Decimal(pricing, "input") is { } input && Decimal(pricing, "output") is { } output)
        {
            bool isText = ModelReader.Text(pricing, "input") is not null && ModelReader.Text(pricing, "output") is not null;
            decimal tokens = Tokens(pricing) ?? (isText && Math.Max(input, output) < MaxPerToken ? 1 : Million);
            return Checked(
                pricing,
                "input",
                "output",
                tokens,
                new Price(0, 0)
                {
                    CachedInput = PerMillion(pricing, "cached_input", tokens) ?? PerMillion(pricing, "input_cache_read", tokens),
                    CacheWrite = PerMillion(pricing, "input_cache_write", tokens),
                }
            );
        }
        // DeepInfra and Venice: dollars per million tokens, in an object of their own.
        var deepInfra = ModelReader.Member(ModelReader.Member(model, "metadata"), "pricing");
        if (Decimal(deepInfra, "input_tokens") is not null)
        {
            return Checked(
                deepInfra,
                "input_tokens",
                "output_tokens",
                Million,
                new Price(0, 0) { CachedInput = Decimal(deepInfra, "cache_read_tokens") }
            );
        }

        var venice = ModelReader.Member(ModelReader.Member(model, "model_spec"), "pricing");
        if (
            Decimal(ModelReader.Member(venice, "input"), "usd") is { } veniceInput
            && Decimal(ModelReader.Member(venice, "output"), "usd") is { } veniceOutput
        )
        {
            return Checked(
                new Price(veniceInput, veniceOutput)
                {
                    CachedInput = Decimal(ModelReader.Member(venice, "cache_input"), "usd"),
                    CacheWrite = Decimal(ModelReader.Member(venice, "cache_write"), "usd"),
                }
            );
        }
        // Requesty: dollars per token, next to the rest of the entry.
        if (PerToken(model, "input_price") is { } inputPrice && PerToken(model, "output_price") is { } outputPrice)
        {
            return Checked(
                new Price(inputPrice, outputPrice)
                {
                    CachedInput = PerToken(model, "cached_price"),
                    CacheWrite = PerToken(model, "caching_price"),
                }
            );
        }

        return null;
    }

    /// <summary>
    /// Returns a member that is a number or a number as text; null for anything else, and for a number that a decimal cannot hold.
    /// </summary>
    internal static decimal? Decimal(JsonElement of, string name)
    {
        var value = ModelReader.Member(of, name);
        if (value.ValueKind == JsonValueKind.Number)
            return value.TryGetDecimal(out decimal number) ? number : null;
        return
            value.ValueKind == JsonValueKind.String
            && decimal.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal text)
            ? text
            : null;
    }

    // No token costs a thousand dollars.
    internal static decimal? PerToken(JsonElement of, string name) =>
        Decimal(of, name) is { } perToken && Math.Abs(perToken) < 1000 ? perToken * Million : null;

    // How many tokens a price is for, if the entry says so: "unit": "per_million_tokens".
    private static decimal? Tokens(JsonElement pricing) =>
        ModelReader.Text(pricing, "unit")?.ToLowerInvariant() switch
        {
            null => null,
            var unit
                when unit.Contains("million", StringComparison.Ordinal)
                    || unit.Contains("1m", StringComparison.Ordinal)
                    || unit.Contains("mtok", StringComparison.Ordinal) => Million,
            var unit when unit.Contains("thousand", StringComparison.Ordinal) || unit.Contains("1k", StringComparison.Ordinal) => 1000,
            var unit when unit.Contains("token", StringComparison.Ordinal) => 1,
            _ => null,
        };

    private static decimal? PerMillion(JsonElement of, string name, decimal tokens) =>
        Decimal(of, name) is { } price && Math.Abs(price) < 1000 * tokens ? price * (Million / tokens) : null;

    private static Price? Checked(JsonElement of, string input, string output, decimal tokens, Price rest) =>
        PerMillion(of, input, tokens) is { } perInput && PerMillion(of, output, tokens) is { } perOutput
            ? Checked(rest with { Input = perInput, Output = perOutput })
            : null;

    private static Price? Checked(Price price) =>
        price.Input < 0 || price.Output < 0
            ? null
            : price with
            {
                CachedInput = NotNegative(price.CachedInput),
                CacheWrite = NotNegative(price.CacheWrite),
                Reasoning = NotNegative(price.Reasoning),
                AudioInput = NotNegative(price.AudioInput),
                PerRequest = Math.Max(0, price.PerRequest),
            };

    private static decimal? NotNegative(decimal? price) => price >= 0 ? price : null;
}
