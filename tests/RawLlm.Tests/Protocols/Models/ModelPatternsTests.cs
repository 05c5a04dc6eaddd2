using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

/// <summary>One thinking setting for all services: each word that is sent is one that the service accepts for the model.</summary>
public sealed class ModelPatternsTests
{
    // What is sent for None, Minimal, Low, Medium, High, ExtraHigh, Max; a dash if nothing may be.
    [Theory]
    [InlineData("openai", "gpt-5", "minimal minimal low medium high high high")]
    [InlineData("openai", "gpt-5-mini-2025-08-07", "minimal minimal low medium high high high")]
    [InlineData("openai", "gpt-5-pro", "high high high high high high high")]
    [InlineData("openai", "gpt-5-codex", "low low low medium high high high")]
    [InlineData("openai", "gpt-5.1", "none low low medium high high high")]
    [InlineData("openai", "gpt-5.1-codex-max", "low low low medium high xhigh xhigh")]
    [InlineData("openai", "gpt-5.2", "none low low medium high xhigh xhigh")]
    [InlineData("openai", "gpt-5.2-chat-latest", "medium medium medium medium medium medium medium")]
    [InlineData("openai", "gpt-5.4-nano", "none low low medium high xhigh xhigh")]
    [InlineData("openai", "gpt-5.4-pro", "medium medium medium medium high xhigh xhigh")]
    [InlineData("openai", "gpt-5-search-api", "- - - - - - -")]
    [InlineData("openai", "o4-mini", "low low low medium high high high")]
    [InlineData("openai", "gpt-4o-mini", "- - - - - - -")]
    [InlineData("openai", "my-own", "none minimal low medium high xhigh xhigh")]
    [InlineData("azure", "gpt-5.1", "none low low medium high high high")]
    [InlineData("groq", "openai/gpt-oss-120b", "low low low medium high high high")]
    [InlineData("groq", "qwen/qwen3-32b", "none default default default default default default")]
    [InlineData("groq", "llama-3.1-8b-instant", "- - - - - - -")]
    [InlineData("gemini-compatible", "gemini-2.5-flash", "none minimal low medium high high high")]
    [InlineData("gemini-compatible", "gemini-2.5-pro", "minimal minimal low medium high high high")]
    [InlineData("gemini-compatible", "gemini-3.5-flash", "minimal minimal low medium high high high")]
    [InlineData("xai", "grok-4.3", "none low low medium high high high")]
    [InlineData("xai", "grok-4.5", "low low low medium high high high")]
    [InlineData("xai", "grok-4.20-multi-agent", "low low low medium high xhigh xhigh")]
    [InlineData("xai", "grok-4-0709", "- - - - - - -")]
    [InlineData("xai", "grok-4.6", "low low low medium high xhigh xhigh")]
    [InlineData("openai", "gpt-6-luna", "none low low medium high xhigh xhigh")]
    [InlineData("openai", "gpt-6.1-terra", "none low low medium high xhigh xhigh")]
    [InlineData("openai", "gpt-6.1-sol", "low low low medium high xhigh xhigh")]
    [InlineData("openai", "gpt-5.6-sol", "none low low medium high xhigh xhigh")]
    [InlineData("xai", "grok-3-mini", "low low low high high high high")]
    [InlineData("together", "openai/gpt-oss-20b", "low low low medium high high high")]
    [InlineData("cerebras", "gpt-oss-120b", "low low low medium high high high")]
    [InlineData("cloudflare", "@cf/openai/gpt-oss-20b", "low low low medium high high high")]
    [InlineData("ollama-compatible", "qwen3:8b", "none low low medium high max max")]
    [InlineData("ollama-compatible", "gpt-oss:20b", "low low low medium high high high")]
    [InlineData("deepseek", "deepseek-flash", "- low low high high xhigh max")]
    [InlineData("moonshot", "kimi-k3", "low low low high high max max")]
    [InlineData("moonshot", "kimi-k2.6", "- - - - - - -")]
    [InlineData("nebius", "zai-org/GLM-5.2", "low low low medium high high high")]
    [InlineData("deepinfra", "deepseek-ai/DeepSeek-V4-Pro", "none low low medium high xhigh xhigh")]
    [InlineData("upstage", "solar-pro3", "low low low medium high high high")]
    [InlineData("scaleway", "qwen3.5-397b-a17b", "none minimal low medium high xhigh xhigh")]
    [InlineData("scaleway", "gpt-oss-120b", "low low low medium high high high")]
    [InlineData("baseten", "deepseek-ai/DeepSeek-V4-Pro", "high high high high high max max")]
    [InlineData("baseten", "moonshotai/Kimi-K2.6", "- - - - - - -")]
    [InlineData("sambanova", "gpt-oss-120b", "low low low medium high high high")]
    [InlineData("ovhcloud", "Qwen3-32B", "- - - - - - -")]
    [InlineData("ionos", "openai/gpt-oss-120b", "low low low medium high high high")]
    [InlineData("siliconflow", "openai/gpt-oss-120b", "low low low medium high high high")]
    [InlineData("novita", "openai/gpt-oss-20b", "low low low medium high high high")]
    public void Effort_EachModel_IsSentAsSupportedValue(string service, string model, string words)
    {
        var efforts = Enum.GetValues<ThinkingEffort>();
        string[] asked = ["none", "minimal", "low", "medium", "high", "xhigh", "xhigh"];
        var written = efforts
            .Select(effort =>
                WrittenRequest.Of(
                    Providers.Get(service).Protocol,
                    ChatRequest.Ask("Hi") with
                    {
                        Model = model,
                        Thinking = new Thinking { Effort = effort },
                    }
                )
            )
            .ToArray();

        Assert.Equal(
            words,
            string.Join(
                ' ',
                written.Select(request => request.Body.Split("\"reasoning_effort\":\"") is [_, var rest] ? rest[..rest.IndexOf('"')] : "-")
            )
        );
        // Whatever differs from what was asked for is reported.
        string[] sent = words.Split(' ');
        for (int i = 0; i < asked.Length; i++)
        {
            if (
                sent[i] == asked[i]
                || sent[i] is "max" && efforts[i] == ThinkingEffort.Max
                || sent[i] is "-" && service is "deepseek" or "moonshot"
                || sent[i] is "default" && efforts[i] == ThinkingEffort.Medium
            )
            {
                continue;
            }

            Assert.Equal(
                sent[i] is "-" ? "LeftOut at reasoning_effort" : "Adapted at reasoning_effort",
                Assert.Single(written[i].Quirks).ToString()
            );
        }
    }

    // What is sent over Responses for None, Low, ExtraHigh and Max: a dash if nothing may be, a plus if encrypted reasoning is requested.
    [Theory]
    [InlineData("openai-responses", "gpt-5", "minimal+ low+ high+ high+")]
    [InlineData("openai-responses", "gpt-5.2", "none low+ xhigh+ xhigh+")]
    [InlineData("openai-responses", "gpt-5.2-pro", "medium+ medium+ xhigh+ xhigh+")]
    [InlineData("openai-responses", "gpt-5.5", "none low+ xhigh+ xhigh+")]
    [InlineData("openai-responses", "gpt-5.6", "none low+ xhigh+ max+")]
    [InlineData("openai-responses", "gpt-5.6-luna", "none low+ xhigh+ max+")]
    [InlineData("openai-responses", "gpt-6-astra", "low+ low+ xhigh+ max+")]
    [InlineData("openai-responses", "gpt-6-sol", "none low+ xhigh+ max+")]
    [InlineData("openai-responses", "gpt-6.1-sol-2026-09-29", "low+ low+ xhigh+ max+")]
    [InlineData("openai-responses", "gpt-6.1-terra", "none low+ xhigh+ max+")]
    [InlineData("openai-responses", "gpt-4o-mini", "- - - -")]
    [InlineData("openai-responses", "my-own", "none low+ xhigh+ xhigh+")]
    [InlineData("xai-responses", "grok-4.3", "none low+ high+ high+")]
    [InlineData("xai-responses", "grok-4-1-fast", "- -+ -+ -+")]
    [InlineData("xai-responses", "grok-4-1-fast-non-reasoning", "- - - -")]
    public void Effort_EachModelOnResponses_IsSentAsSupportedValue(string service, string model, string words)
    {
        var sent = new List<string>();
        foreach (var effort in (ThinkingEffort[])[ThinkingEffort.None, ThinkingEffort.Low, ThinkingEffort.ExtraHigh, ThinkingEffort.Max])
        {
            var written = WrittenRequest.Of(
                Providers.Get(service).Protocol,
                ChatRequest.Ask("Hi") with
                {
                    Model = model,
                    Thinking = new Thinking { Effort = effort },
                }
            );
            string word = written.Body.Split("\"reasoning\":{\"effort\":\"") is [_, var rest] ? rest[..rest.IndexOf('"')] : "-";
            string own = effort switch
            {
                ThinkingEffort.None => "none",
                ThinkingEffort.Low => "low",
                _ => "xhigh",
            };
            Assert.Equal(
                word == own || word == "max" ? [] : [word == "-" ? "LeftOut at reasoning.effort" : "Adapted at reasoning.effort"],
                written.Quirks.Select(quirk => quirk.ToString())
            );
            sent.Add(word + (written.Body.EndsWith(",\"store\":false,\"include\":[\"reasoning.encrypted_content\"]}") ? "+" : ""));
        }

        Assert.Equal(words, string.Join(' ', sent));
    }

    [Fact]
    public void Reasoning_NonReasoningModelOnResponses_IsNotRequested()
    {
        var written = WrittenRequest.Of(
            Providers.OpenAIResponses.Protocol,
            ChatRequest.Ask("Hi") with
            {
                Model = "gpt-4o",
                Thinking = Thinking.High with { Include = true },
            }
        );

        Assert.Equal(
            """{"model":"gpt-4o","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}],"store":false}""",
            written.Body
        );
        Assert.Equal(["LeftOut at reasoning.effort", "LeftOut at reasoning.summary"], written.Quirks.Select(quirk => quirk.ToString()));
    }

    [Fact]
    public void Effort_DeepSeek_IsSentWithThinkingSwitch()
    {
        var deepSeek = Providers.DeepSeek.Protocol;

        Assert.Equal(
            """{"model":"deepseek-v4-flash","messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"enabled"},"reasoning_effort":"max"}""",
            Body(ThinkingEffort.Max)
        );
        Assert.Equal(
            """{"model":"deepseek-v4-flash","messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"disabled"}}""",
            Body(ThinkingEffort.None)
        );

        string Body(ThinkingEffort effort) =>
            WrittenRequest
                .Of(
                    deepSeek,
                    ChatRequest.Ask("Hi") with
                    {
                        Model = "deepseek-v4-flash",
                        Thinking = new Thinking { Effort = effort },
                    }
                )
                .Body;
    }

    [Theory]
    [InlineData("kimi-k2.6", ThinkingEffort.None, ",\"thinking\":{\"type\":\"disabled\"}", null)]
    [InlineData("kimi-k2.6", ThinkingEffort.Medium, ",\"thinking\":{\"type\":\"enabled\"}", null)]
    [InlineData("kimi-k2.7-code", ThinkingEffort.None, "", "LeftOut at thinking")]
    [InlineData("moonshot-v1-8k", ThinkingEffort.High, "", "LeftOut at thinking")]
    [InlineData("kimi-k3", ThinkingEffort.None, ",\"reasoning_effort\":\"low\"", "Adapted at reasoning_effort")]
    public void Effort_Kimi_IsWrittenInFormOfModel(string model, ThinkingEffort effort, string member, string? expected)
    {
        var written = WrittenRequest.Of(
            Providers.Moonshot.Protocol,
            ChatRequest.Ask("Hi") with
            {
                Model = model,
                Thinking = new Thinking { Effort = effort },
            }
        );

        Assert.Equal($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]{{member}}}""", written.Body);
        Assert.Equal(expected, written.Quirks.Select(quirk => quirk.ToString()).SingleOrDefault());
    }
}
