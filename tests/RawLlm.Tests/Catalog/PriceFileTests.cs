using System.Text;

namespace RawLlm.Tests.Catalog;

public sealed class PriceFileTests
{
    private const string LiteLLM = """
        {
            "sample_spec": {"input_cost_per_token": 0.0, "max_tokens": "LEGACY parameter", "litellm_provider": "one of many"},
            "claude-sonnet-4-20250514": {"cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06, "cache_read_input_token_cost": 3e-07, "input_cost_per_token": 3e-06,
                "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05, "cache_read_input_token_cost_above_200k_tokens": 6e-07, "litellm_provider": "anthropic", "mode": "chat", "output_cost_per_token": 1.5e-05},
            "groq/openai/gpt-oss-120b": {"cache_read_input_token_cost": 7.5e-08, "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07, "litellm_provider": "groq"},
            "zai/glm-4.7": {"input_cost_per_token": 6e-07, "output_cost_per_token": 2.2e-06, "litellm_provider": "zai"},
            "anthropic.claude-haiku-4-5-20251001-v1:0": {"input_cost_per_token": 1e-06, "output_cost_per_token": 5e-06, "litellm_provider": "bedrock_converse"},
            "gemini/gemini-2.5-flash": {"input_cost_per_token": 3e-07, "input_cost_per_audio_token": 1e-06, "output_cost_per_token": 2.5e-06, "output_cost_per_reasoning_token": 2.5e-06, "litellm_provider": "gemini"},
            "together_ai/x/y": {"input_cost_per_token": 0, "output_cost_per_token": 0, "litellm_provider": "together_ai"},
            "dall-e-3": {"input_cost_per_pixel": 1.9e-08, "litellm_provider": "openai", "output_cost_per_pixel": 0.0},
            "somewhere/m": {"input_cost_per_token": "1e-06", "output_cost_per_token": 1e-06, "litellm_provider": "somewhere"}
        }
        """;

    [Fact]
    public void FromLiteLLM_ValidFile_IsReadUnderCatalogNames()
    {
        var table = PriceTable.FromLiteLLM(Encoding.UTF8.GetBytes(LiteLLM), new DateOnly(2026, 7, 1));

        Assert.Equal(7, table.Count);
        Assert.Equal((new DateOnly(2026, 7, 1), "LiteLLM's prices"), (table.AsOf!.Value, table.Name));
        Assert.Equal(
            new Price(3, 15)
            {
                CachedInput = 0.3m,
                CacheWrite = 3.75m,
                CacheWriteOneHour = 6,
                LongPromptTokens = 200000,
                LongPrompt = new Price(6, 22.5m) { CachedInput = 0.6m },
            },
            table.Find("anthropic", "claude-sonnet-4-20250514")
        );
        Assert.Equal(new Price(0.15m, 0.6m) { CachedInput = 0.075m }, table.Find("groq", "openai/gpt-oss-120b"));
        Assert.Equal(new Price(0.6m, 2.2m), table.Find("glm", "glm-4.7"));
        Assert.Equal(new Price(1, 5), table.Find("bedrock", "anthropic.claude-haiku-4-5-20251001-v1:0"));
        Assert.Equal(new Price(0.3m, 2.5m) { AudioInput = 1, Reasoning = 2.5m }, table.Find("gemini", "gemini-2.5-flash"));
        Assert.Equal(new Price(0, 0), table.Find("together", "x/y"));
        Assert.Equal(new Price(1, 1), table.Find("somewhere", "m"));
        Assert.Null(table.Find("openai", "dall-e-3"));
    }

    [Fact]
    public void FromOpenRouter_ValidList_IsRead()
    {
        var table = PriceTable.FromOpenRouter(
            """
            {"data":[{"id":"openai/gpt-4o","pricing":{"prompt":"0.0000025","completion":"0.00001","input_cache_read":"0.00000125","request":"0"}},
                     {"id":"openrouter/auto","pricing":{"prompt":"-1","completion":"-1"}},
                     {"id":"x/y:free","pricing":{"prompt":"0","completion":"0"}},
                     {"id":"no/price"}]}
            """u8
        );

        Assert.Equal(2, table.Count);
        Assert.Equal(new Price(2.5m, 10) { CachedInput = 1.25m }, table.Find("openrouter", "openai/gpt-4o"));
        Assert.Equal(new Price(0, 0), table.Find("openrouter", "x/y:free"));
        Assert.Null(table.AsOf);
    }

    [Theory]
    [InlineData("{\n  \"a\": {\"input_cost_per_token\": 1e-06,\n  \"b\" ", "line 3")]
    [InlineData("[]", "the root")]
    [InlineData("""{"a":7}""", "'a'")]
    [InlineData("""{"a":{"input_cost_per_token":"cheap","output_cost_per_token":1,"litellm_provider":"x"}}""", "'a'.input_cost_per_token")]
    [InlineData("""{"a":{"input_cost_per_token":1e-06,"output_cost_per_token":[1],"litellm_provider":"x"}}""", "'a'.output_cost_per_token")]
    [InlineData("""{"a":{"input_cost_per_token":1e-06,"output_cost_per_token":1e-06,"litellm_provider":"\ud83d"}}""", "surrogate")]
    [InlineData("", "line 1")]
    public void FromLiteLLM_InvalidFile_ErrorReportsLocation(string text, string place) =>
        Assert.Contains(place, Assert.Throws<ArgumentException>(() => PriceTable.FromLiteLLM(Encoding.UTF8.GetBytes(text))).Message);

    [Theory]
    [InlineData("""{"data":[{"id":"a","pricing":{"prompt":"0.1","completion":"x"}}]}""", "data[0].pricing.completion")]
    [InlineData("""{"data":[{"id":"a"},{"name":"b"}]}""", "data[1]")]
    [InlineData("""{"models":[]}""", "data")]
    [InlineData("{", "line 1")]
    public void FromOpenRouter_InvalidList_ErrorReportsLocation(string text, string place) =>
        Assert.Contains(place, Assert.Throws<ArgumentException>(() => PriceTable.FromOpenRouter(Encoding.UTF8.GetBytes(text))).Message);
}
