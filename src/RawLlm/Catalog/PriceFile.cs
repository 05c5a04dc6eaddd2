using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// Reads price tables in others' formats. Invalid content is an error that names the place; entries without a price per token are skipped.
/// </summary>
internal static class PriceFile
{
    private const string InputName = "input_cost_per_token";
    private const string OutputName = "output_cost_per_token";

    // LiteLLM's names of services that have other names here.
    private static readonly Dictionary<string, string> Services = new(StringComparer.Ordinal)
    {
        ["zai"] = "glm",
        ["bedrock_converse"] = "bedrock",
        ["together_ai"] = "together",
        ["fireworks_ai"] = "fireworks",
        ["fireworks_ai-embedding-models"] = "fireworks",
        ["text-completion-openai"] = "openai",
        ["cohere_chat"] = "cohere",
        ["vercel_ai_gateway"] = "vercel",
    };

    /// <summary>Reads OpenRouter's model list.</summary>
    public static List<KeyValuePair<string, Price>> ReadOpenRouter(ReadOnlySpan<byte> utf8)
    {
        var prices = new List<KeyValuePair<string, Price>>();
        try
        {
            using var document = JsonDocument.Parse(utf8.ToArray());
            var data = ModelReader.Member(document.RootElement, "data");
            if (data.ValueKind != JsonValueKind.Array)
                Throw("data", "is not a list of models");
            int index = -1;
            foreach (var model in data.EnumerateArray())
            {
                index++;
                string place = FormattableString.Invariant($"data[{index}]");
                string? id = ModelReader.Text(model, "id");
                if (id is null)
                    Throw(place, "has no id");
                var pricing = ModelReader.Member(model, "pricing");
                CheckNumber(pricing, "prompt", $"{place}.pricing");
                CheckNumber(pricing, "completion", $"{place}.pricing");
                if (PriceReader.OfListing(model) is { } price)
                    prices.Add(new($"openrouter:{id}", price));
            }
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            ThrowUnreadable(e);
        }
        return prices;
    }

    /// <summary>Reads LiteLLM's file: an object with a member for each model.</summary>
    public static List<KeyValuePair<string, Price>> ReadLiteLLM(ReadOnlySpan<byte> utf8)
    {
        var prices = new List<KeyValuePair<string, Price>>();
        try
        {
            using var document = JsonDocument.Parse(utf8.ToArray());
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                Throw("the root", "is not an object");
            foreach (var model in document.RootElement.EnumerateObject())
            {
                // The first entry explains the others.
                if (model.Name == "sample_spec")
                    continue;
                if (model.Value.ValueKind != JsonValueKind.Object)
                    Throw($"'{model.Name}'", "is not an object");
                if (ReadLiteLLM(model.Name, model.Value) is { } price && ModelReader.Text(model.Value, "litellm_provider") is { } service)
                    prices.Add(new($"{Services.GetValueOrDefault(service, service)}:{Bare(model.Name, service)}", price));
            }
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            ThrowUnreadable(e);
        }
        return prices;
    }

    private static Price? ReadLiteLLM(string name, JsonElement model)
    {
        foreach (string member in (ReadOnlySpan<string>)[InputName, OutputName])
            CheckNumber(model, member, $"'{name}'");
        if (PriceReader.PerToken(model, InputName) is not { } input || PriceReader.PerToken(model, OutputName) is not { } output)
            return null;
        var price = Read(model, "", input, output);
        foreach (var member in model.EnumerateObject())
        {
            // input_cost_per_token_above_200k_tokens
            if (
                !member.Name.StartsWith(InputName + "_above_", StringComparison.Ordinal)
                || !member.Name.EndsWith("k_tokens", StringComparison.Ordinal)
            )
            {
                continue;
            }

            string suffix = member.Name[InputName.Length..];
            if (
                long.TryParse(
                    suffix["_above_".Length..^"k_tokens".Length],
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out long thousands
                )
                && thousands is > 0 and < 1_000_000
                && PriceReader.PerToken(model, member.Name) is { } longInput
            )
            {
                price = price with
                {
                    LongPromptTokens = thousands * 1000,
                    LongPrompt = Read(model, suffix, longInput, PriceReader.PerToken(model, OutputName + suffix) ?? output),
                };
            }
        }
        return price;
    }

    private static Price Read(JsonElement model, string suffix, decimal input, decimal output) =>
        new(input, output)
        {
            CachedInput = PriceReader.PerToken(model, "cache_read_input_token_cost" + suffix),
            CacheWrite = PriceReader.PerToken(model, "cache_creation_input_token_cost" + suffix),
            CacheWriteOneHour = PriceReader.PerToken(model, "cache_creation_input_token_cost_above_1hr" + suffix),
            Reasoning = PriceReader.PerToken(model, "output_cost_per_reasoning_token" + suffix),
            AudioInput = PriceReader.PerToken(model, "input_cost_per_audio_token" + suffix),
            AudioOutput = PriceReader.PerToken(model, "output_cost_per_audio_token" + suffix),
        };

    // groq/llama-3.3-70b-versatile, bedrock/us-east-1/anthropic.claude-…, but openai/gpt-oss-120b if that is the model's own name.
    private static string Bare(string name, string service)
    {
        string folder = service == "bedrock_converse" ? "bedrock/" : service + "/";
        return name.StartsWith(folder, StringComparison.Ordinal) ? name[folder.Length..] : name;
    }

    private static void CheckNumber(JsonElement of, string member, string place)
    {
        var value = ModelReader.Member(of, member);
        if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && PriceReader.Decimal(of, member) is null)
            Throw($"{place}.{member}", "is not a number");
    }

    private static void ThrowUnreadable(Exception e)
    {
        if (e is JsonException json)
        {
            throw new ArgumentException(
                $"The price table is not JSON (line {json.LineNumber + 1}, byte {json.BytePositionInLine + 1}).",
                "utf8"
            );
        }

        throw new ArgumentException("The price table is not valid JSON: a string in it contains half of a surrogate pair.", "utf8");
    }

    [DoesNotReturn]
    private static void Throw(string place, string problem) =>
        throw new ArgumentException($"The price table has an unexpected format: {place} {problem}.", "utf8");
}
